#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace serverspace::api {

// See types.h for what an absent member is.

/// An isolated network, API reference 2.8.
struct Network {
  std::string id;
  std::string name;
  std::string location;
  std::string address;
  std::optional<std::int64_t> prefix_length;
  std::vector<std::string> tags;
  std::string state;
  /// Empty where the answer cannot be read, as with what is counted below.
  std::optional<std::int64_t> servers = 0;
  /// Older deployments do not tell.
  std::optional<std::int64_t> gateways;
  std::optional<WallTime> created;

  friend auto operator<=>(const Network&, const Network&) = default;
};

struct GatewayNic {
  std::string id;
  std::string network_id;
  std::string ip_address;
  /// 0: no limit. The one that has a limit is the uplink.
  std::int64_t bandwidth_bytes_per_second = 0;

  friend auto operator<=>(const GatewayNic&, const GatewayNic&) = default;
};

/// API reference 2.9.
struct Gateway {
  std::string id;
  std::string name;
  std::string location;
  std::vector<std::string> tags;
  std::string state;
  std::optional<bool> power_on;
  std::optional<std::vector<GatewayNic>> nics = std::vector<GatewayNic>();
  /// Older deployments tell it, newer ones leave it to the interfaces.
  std::optional<std::int64_t> networks;
  std::optional<std::int64_t> nat_rules = 0;
  std::optional<std::int64_t> firewall_rules = 0;
  std::optional<WallTime> created;

  friend auto operator<=>(const Gateway&, const Gateway&) = default;
};

struct DomainRecord {
  std::string type;

  friend auto operator<=>(const DomainRecord&, const DomainRecord&) = default;
};

/// API reference 2.10. The name is the id.
struct Domain {
  std::string name;
  std::optional<bool> delegated;
  /// Whether a list of domains carries records is not settled: without them
  /// here there may be some all the same.
  std::optional<std::vector<DomainRecord>> records;

  auto Identity() const { return std::string_view(name); }
  friend auto operator<=>(const Domain&, const Domain&) = default;
};

}  // namespace serverspace::api
