#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/catalogue_types.h"
#include "api/copy_types.h"
#include "api/kubernetes_types.h"
#include "api/network_types.h"
#include "api/task_types.h"
#include "api/vmware_types.h"
#include "base/clock.h"
#include "base/money.h"

namespace serverspace::api {

// What the API tells of each thing, without its secrets: those are skipped
// while parsing and have no member here. A member that an answer may leave out
// is an optional, an empty string or an empty list. States and other words of
// closed sets are lower-cased.

/// API reference 2.3.
struct Project {
  std::string id;
  Money balance;
  std::string currency;
  std::string state;
  std::optional<WallTime> created;
};

/// API reference 2.5, as embedded in a server.
struct Volume {
  std::string id;
  std::string name;
  std::optional<std::int64_t> size_bytes;

  friend auto operator<=>(const Volume&, const Volume&) = default;
};

/// API reference 2.6, as embedded in a server.
struct Nic {
  std::string id;
  std::string network_id;
  std::string network_type;
  std::string mac;
  std::string ip_address;
  /// 0: no limit.
  std::int64_t bandwidth_bytes_per_second = 0;

  friend auto operator<=>(const Nic&, const Nic&) = default;
};

/// API reference 2.4, `application_installations`.
struct Application {
  std::string id;
  std::string state;

  friend auto operator<=>(const Application&, const Application&) = default;
};

/// API reference 2.4.
struct Server {
  std::string id;
  std::string name;
  std::string location;
  std::string image;
  std::string affinity_group_id;
  std::vector<std::string> tags;
  std::string state;
  std::optional<bool> power_on;
  std::optional<std::int64_t> cpu_cores;
  std::optional<std::int64_t> memory_bytes;
  std::optional<WallTime> created;
  std::vector<Volume> volumes;
  std::vector<Nic> nics;
  std::vector<Application> applications;

  friend auto operator<=>(const Server&, const Server&) = default;
};

}  // namespace serverspace::api
