#pragma once

#include <cstdint>
#include <optional>

#include "simulator/api_call.h"

namespace serverspace::sim {

inline constexpr std::int64_t kVmwareLocations[] = {7, 9};

bool IsVmwareLocation(std::int64_t id);

/// The `location_id` of a query. An unknown one is an error, not an empty list
/// (API reference 2.16).
struct LocationFilter {
  std::optional<std::int64_t> wanted;
  bool is_unknown = false;

  bool Wants(std::int64_t location_id) const {
    return !wanted || *wanted == location_id;
  }
};
LocationFilter VmwareLocationFilter(const ApiCall& call);
Reply UnknownVmwareLocation();

}  // namespace serverspace::sim
