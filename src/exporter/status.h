#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "exporter/collector_state.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

struct CollectorStatus {
  std::string name;
  CollectorState state;
};

struct ProjectStatus {
  std::string name;
  std::optional<SavedMoney> money;
  /// Servers by state; nothing before the first list.
  std::optional<std::map<std::string, std::size_t>> servers_by_state;
  std::vector<CollectorStatus> collectors;
};

/// A moment's summary for people.
struct Status {
  WallTime now;
  MonoTime now_mono;
  std::vector<ProjectStatus> projects;
};

}  // namespace serverspace::exporter
