#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/task_types.h"
#include "base/clock.h"

namespace serverspace::tasks {

/// How the watch over a task ended. kLost: the API has not known the id for
/// longer than a grace time.
enum class Outcome : std::uint8_t { kCompleted, kFailed, kCanceled, kLost };
inline constexpr std::size_t kOutcomeCount = 4;

/// The label value of an outcome, and the state that a task ended in.
std::string_view OutcomeName(Outcome outcome);
std::optional<Outcome> OutcomeOf(std::string_view state);

inline constexpr std::int64_t kMostPercent = 100;

/// A task as it was last heard of. A value.
struct WatchedTask {
  std::string id;
  WallTime added;  ///< When its id came, in whole milliseconds.
  std::string type;
  std::string state;                             ///< Empty: not heard of yet.
  std::optional<std::int64_t> progress_percent;  ///< Up to kMostPercent.
  std::optional<WallTime> created;
  std::optional<WallTime> completed;
  std::vector<api::TaskResource> resources;
  std::optional<Outcome> outcome;  ///< Nothing: it has not ended.
  std::optional<WallTime> ended;   ///< When that was seen, in milliseconds.

  friend bool operator==(const WatchedTask&, const WatchedTask&) = default;
};

/// Upper bounds of the buckets of durations, in seconds: from a change of a
/// record to an order that takes an hour (API reference 2.2).
inline constexpr std::array<double, 11> kDurationBounds = {
    5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600};

/// What only grows.
struct Totals {
  std::array<std::uint64_t, kOutcomeCount> finished{};
  /// Tasks by how long they took, none counted twice; the last are longer than
  /// every bound.
  std::array<std::uint64_t, kDurationBounds.size() + 1> durations{};
  Duration duration_sum{};

  std::uint64_t& of(Outcome outcome) {
    return finished.at(static_cast<std::size_t>(outcome));
  }
  std::uint64_t of(Outcome outcome) const {
    return finished.at(static_cast<std::size_t>(outcome));
  }
  /// Not negative. One too much for the sum is left out.
  void AddDuration(Duration duration);

  friend bool operator==(const Totals&, const Totals&) = default;
};

/// All that is known of a project's tasks at a moment; immutable, parts of it
/// shared with those before and after. Pointers are never null.
struct Ledger {
  std::vector<std::shared_ptr<const WatchedTask>> tasks;  ///< By id.
  Totals totals;
  /// Ids of tasks that ended and are not shown any more, the oldest first: they
  /// may come again, as a file that is read anew has them.
  std::shared_ptr<const std::vector<std::string>> forgotten =
      std::make_shared<const std::vector<std::string>>();
};

/// How far a watched file was read.
struct FilePosition {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;  ///< Where a line begins.
  /// Of the bytes before the offset: a file that was written anew differs.
  std::uint64_t tail_hash = 0;

  friend bool operator==(const FilePosition&, const FilePosition&) = default;
};

}  // namespace serverspace::tasks
