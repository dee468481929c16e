#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "exporter/collector_state.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

struct CollectorStatus {
  std::string name;
  CollectorState state;
};

/// A balance below which somebody must act.
struct ThresholdStatus {
  std::string severity;  ///< `warning` or `critical`.
  Money amount;
};

/// Watched tasks in numbers.
struct TaskSummary {
  std::size_t pending = 0;
  /// Of those; empty for tasks that the API has not told of yet.
  std::map<std::string, std::size_t> pending_by_state;
  std::optional<WallTime> oldest;  ///< When the first of them was created.
  std::map<std::string, std::size_t> ended;  ///< By result; only lately.
};

struct ProjectStatus {
  std::string name;
  std::optional<SavedMoney> money;
  /// Those that hold for the currency of the balance.
  std::vector<ThresholdStatus> thresholds;
  std::optional<WallTime> api_key_expires;
  /// Whether the key's file gives the key that is in use.
  bool api_key_readable = true;
  std::string state;  ///< As the API has it; empty while it is not known.
  /// Servers by state; nothing before the first list.
  std::optional<std::map<std::string, std::size_t>> servers_by_state;
  std::vector<CollectorStatus> collectors;
  TaskSummary tasks;
};

/// Where the API's answers differ from what this version knows, since the
/// start.
struct DriftStatus {
  std::string field;
  std::uint64_t count = 0;
  std::vector<std::string> words;  ///< Some of the unknown words.
};

/// A moment's summary for people.
struct Status {
  WallTime now;
  MonoTime now_mono;
  bool ready = false;
  bool healthy = true;
  std::vector<DriftStatus> unknown_values;
  std::vector<DriftStatus> bad_items;
  std::vector<ProjectStatus> projects;
};

}  // namespace serverspace::exporter
