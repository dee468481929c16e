#include "base/environment.h"

#include <cstdlib>

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

std::optional<std::string> FakeEnvironment::Get(const std::string& name) const {
  const auto found = values_.find(name);
  return NonEmpty(found == values_.end() ? "" : found->second);
}

}  // namespace serverspace
