#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serverspace {

/// What surrounds the process, behind a seam. Read at start and at reload only.
class Environment {
 public:
  virtual ~Environment() = default;
  /// Nothing if the variable is not set; set but empty counts as not set, as
  /// shells and unit files make it easy to do.
  virtual std::optional<std::string> Get(const std::string& name) const = 0;
  /// The names of all variables that begin so and are not empty.
  virtual std::vector<std::string> NamesWith(std::string_view prefix) const = 0;
  /// Of this machine; empty if it cannot be told.
  virtual std::string HostName() const = 0;
};

class SystemEnvironment final : public Environment {
 public:
  std::optional<std::string> Get(const std::string& name) const override;
  std::vector<std::string> NamesWith(std::string_view prefix) const override;
  std::string HostName() const override;
};

class FakeEnvironment final : public Environment {
 public:
  explicit FakeEnvironment(std::map<std::string, std::string> values)
      : values_(std::move(values)) {}
  void SetHostName(std::string name) { host_name_ = std::move(name); }

  std::optional<std::string> Get(const std::string& name) const override;
  std::vector<std::string> NamesWith(std::string_view prefix) const override;
  std::string HostName() const override { return host_name_; }

 private:
  std::map<std::string, std::string> values_;
  std::string host_name_ = "host";
};

}  // namespace serverspace
