#pragma once

#include <chrono>
#include <vector>

#include "config/config.h"

namespace serverspace::config {

/// A small collector table in the manner of the real one.
inline std::vector<CollectorDefaults> SampleCollectors() {
  using std::chrono::hours;
  using std::chrono::minutes;
  return {{"backups", false, minutes(15), "servers"},
          {"networks", true, minutes(5)},
          {"project", true, minutes(1)},
          {"servers", true, minutes(1)},
          {"snapshots", false, minutes(15), "servers"},
          {"ssh_keys", true, hours(1)}};
}

}  // namespace serverspace::config
