#pragma once

#include <map>
#include <optional>
#include <string>

namespace serverspace {

/// The process environment behind a seam. Read at start and at reload only.
class Environment {
 public:
  virtual ~Environment() = default;
  /// Nothing if the variable is not set; set but empty counts as not set, as
  /// shells and unit files make it easy to do.
  virtual std::optional<std::string> Get(const std::string& name) const = 0;
};

class SystemEnvironment final : public Environment {
 public:
  std::optional<std::string> Get(const std::string& name) const override;
};

class FakeEnvironment final : public Environment {
 public:
  explicit FakeEnvironment(std::map<std::string, std::string> values)
      : values_(std::move(values)) {}
  std::optional<std::string> Get(const std::string& name) const override;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace serverspace
