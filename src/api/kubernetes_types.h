#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace serverspace::api {

// API reference 2.14. See types.h for what an absent member is.

struct NodeGroup {
  std::string id;
  std::string name;
  std::string state;
  std::optional<std::int64_t> node_cpu_cores;
  std::optional<std::int64_t> node_memory_bytes;
  /// As the group is set up.
  std::optional<std::int64_t> nodes;
  /// As there are servers that are nodes of it.
  std::optional<std::int64_t> servers = 0;
  std::optional<bool> ingress;

  friend auto operator<=>(const NodeGroup&, const NodeGroup&) = default;
};

struct Cluster {
  std::string id;
  std::string name;
  std::string location;
  std::string version;
  std::optional<bool> high_availability;
  std::vector<std::string> tags;
  std::string state;
  std::vector<NodeGroup> node_groups;

  friend auto operator<=>(const Cluster&, const Cluster&) = default;
};

}  // namespace serverspace::api
