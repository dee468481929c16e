#include "config/shard.h"

#include <cstdint>
#include <string>

#include "base/number.h"
#include "config/values.h"

namespace serverspace::config {
namespace {

std::uint64_t Fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

std::uint64_t Mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

std::uint64_t Weight(std::uint64_t project, int shard) {
  return Mix(project +
             (static_cast<std::uint64_t>(shard) + 1) * 0x9e3779b97f4a7c15);
}

}  // namespace

bool Owns(const Shard& shard, std::string_view project) {
  const std::uint64_t hash = Fnv1a(project);
  int owner = 0;
  // Mix() is a bijection and its inputs differ, so no two weights are equal.
  for (int i = 1; i < shard.count; ++i) {
    if (Weight(hash, i) > Weight(hash, owner)) owner = i;
  }
  return owner == shard.index;
}

Result<int> ShardIndexOfHost(std::string_view host_name) {
  const std::string_view own = host_name.substr(0, host_name.find('.'));
  const std::string_view digits = own.substr(own.rfind('-') + 1);
  const auto index = ParseNumber<int>(digits);
  if (own.find('-') == std::string_view::npos || !index) {
    return Error{ErrorCode::kInvalidInput,
                 "auto needs a host name that ends in a dash and a number, "
                 "such as exporter-3; this one is " +
                     Quote(own)};
  }
  return *index;
}

}  // namespace serverspace::config
