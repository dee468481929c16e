#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/yaml.h"

namespace serverspace::config {

/// A setting as its text, and where it stands (a problem without a message).
struct Setting {
  std::vector<std::string> texts;  ///< One, unless it is a list.
  Problem place;
};

/// What a file says, flat: by the full path of each setting
/// (`projects[1].api_key_file`). Its form is checked against `Options()`; what
/// the texts mean is not.
class FileSettings {
 public:
  /// An empty one: nothing is set.
  FileSettings() = default;
  /// Everything that fits is kept, everything else goes to `problems`.
  FileSettings(const YamlNode& root, const std::string& file,
               std::span<const std::string> collectors,
               std::vector<Problem>& problems);

  /// Null if it is not set.
  const Setting* Find(std::string_view path) const;
  /// The places of the items of a list of maps, in order; `key` is the path.
  std::span<const Problem> Items(std::string_view path) const;
  /// The keys of a map whose keys are free.
  std::span<const std::string> Keys(std::string_view path) const;

 private:
  struct Schema;
  struct Walk;

  std::map<std::string, Setting, std::less<>> settings_;
  std::map<std::string, std::vector<Problem>, std::less<>> items_;
  std::map<std::string, std::vector<std::string>, std::less<>> keys_;
};

}  // namespace serverspace::config
