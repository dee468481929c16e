#include "base/environment.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <unistd.h>

namespace serverspace {
namespace {

std::optional<std::string> NonEmpty(std::string value) {
  if (value.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> SystemEnvironment::Get(
    const std::string& name) const {
  // Nothing in this program calls setenv, so reading is safe from any thread.
  const char* value =
      std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return NonEmpty(value == nullptr ? "" : value);
}

std::vector<std::string> SystemEnvironment::NamesWith(
    std::string_view prefix) const {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::size_t equals = variable.find('=');
    if (variable.starts_with(prefix) && equals + 1 < variable.size())
      names.emplace_back(variable.substr(0, equals));
  }
  std::ranges::sort(names);
  return names;
}

std::string SystemEnvironment::HostName() const {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::optional<std::string> FakeEnvironment::Get(const std::string& name) const {
  const auto found = values_.find(name);
  return NonEmpty(found == values_.end() ? "" : found->second);
}

std::vector<std::string> FakeEnvironment::NamesWith(
    std::string_view prefix) const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) {
    if (name.starts_with(prefix) && !value.empty()) names.push_back(name);
  }
  return names;
}

}  // namespace serverspace
