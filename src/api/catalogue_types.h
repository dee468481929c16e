#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace serverspace::api {

// See types.h for what an absent member is.

/// API reference 2.11; the key's text is not read.
struct SshKey {
  std::string id;
  std::string name;

  friend auto operator<=>(const SshKey&, const SshKey&) = default;
};

/// API reference 2.13.
struct AffinityGroup {
  std::string id;
  std::string name;
  std::string location;
  /// Whether the servers are kept together, not apart.
  std::optional<bool> together;
  /// Empty where the answer cannot be read.
  std::optional<std::int64_t> servers = 0;

  friend auto operator<=>(const AffinityGroup&, const AffinityGroup&) = default;
};

/// API reference 2.12.
struct Location {
  std::string id;
  std::optional<std::int64_t> system_volume_min_bytes;
  std::optional<std::int64_t> windows_system_volume_min_bytes;
  std::optional<std::int64_t> additional_volume_min_bytes;
  std::optional<std::int64_t> volume_max_bytes;
  std::optional<std::int64_t> bandwidth_min_bytes_per_second;
  std::optional<std::int64_t> bandwidth_max_bytes_per_second;
  std::vector<std::int64_t> cpu_cores_options;
  std::vector<std::int64_t> memory_bytes_options;

  friend auto operator<=>(const Location&, const Location&) = default;
};

/// API reference 2.12: an id repeats once a location.
struct Image {
  std::string id;
  std::string location;

  auto Identity() const { return std::tie(id, location); }
  friend auto operator<=>(const Image&, const Image&) = default;
};

}  // namespace serverspace::api
