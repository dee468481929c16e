#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace serverspace::api {

// See types.h for what an absent member is.

/// API reference 2.11; the key's text is not read.
struct SshKey {
  std::string id;
  std::string name;
};

/// API reference 2.13.
struct AffinityGroup {
  std::string id;
  std::string name;
  std::string location;
  /// Whether the servers are kept together, not apart.
  std::optional<bool> together;
  std::int64_t servers = 0;
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
};

/// API reference 2.12: an id repeats once a location.
struct Image {
  std::string id;
  std::string location;
};

}  // namespace serverspace::api
