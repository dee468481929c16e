#include "base/environment.h"

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

std::string SystemEnvironment::HostName() const {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::optional<std::string> FakeEnvironment::Get(const std::string& name) const {
  const auto found = values_.find(name);
  return NonEmpty(found == values_.end() ? "" : found->second);
}

}  // namespace serverspace
