#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace serverspace::api {

// API reference 2.16. See types.h for what an absent member is.

struct VmwareNic {
  std::string id;
  std::string network_id;
  std::string ip_address;
  std::string mac;
  bool primary = false;
  /// 0: no limit.
  std::int64_t bandwidth_bytes_per_second = 0;

  friend auto operator<=>(const VmwareNic&, const VmwareNic&) = default;
};

struct VmwareGpu {
  std::string model_id;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> cards;

  friend auto operator<=>(const VmwareGpu&, const VmwareGpu&) = default;
};

struct VmwareServer {
  std::string id;
  std::string name;
  std::string computer_name;
  std::string location;
  std::string image;
  std::string state;
  std::optional<bool> power_on;
  /// Empty where the answer cannot be read.
  std::optional<bool> nested_hypervisor = false;
  std::optional<std::int64_t> cpu_cores;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> system_disk_bytes;
  std::string system_disk_type;
  std::optional<VmwareGpu> gpu;
  std::vector<VmwareNic> nics;
  std::optional<WallTime> created;

  friend auto operator<=>(const VmwareServer&, const VmwareServer&) = default;
};

struct VmwareNetwork {
  std::string id;
  std::string name;
  std::string location;
  std::string type;
  std::string address;
  std::optional<std::int64_t> prefix_length;
  std::string state;
  std::optional<bool> dhcp;
  std::optional<std::int64_t> nics;
  /// 0: no limit.
  std::int64_t bandwidth_bytes_per_second = 0;

  friend auto operator<=>(const VmwareNetwork&, const VmwareNetwork&) = default;
};

}  // namespace serverspace::api
