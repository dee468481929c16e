#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collectors/collector.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"

namespace serverspace::exporter {

/// How one collector fares with one project. A value; its owner guards it.
struct CollectorState {
  Duration interval{};
  Duration stale_after{};
  std::optional<bool>
      success;  ///< Of the last attempt; nothing before the first.
  bool supported = true;
  std::optional<WallTime> last_attempt;
  std::optional<WallTime> last_success;
  std::optional<MonoTime>
      last_success_mono;  ///< What age is reckoned by: the calendar may jump.
  Duration last_duration{};
  MonoTime next_run{};     ///< About; the poller adds its jitter.
  std::size_t series = 0;  ///< Served now.
  bool published = false;  ///< Whether data is on the page.
  std::vector<collectors::Operations>
      operations;  ///< As published; empty if nothing is.
  std::uint64_t dropped_duplicates = 0;
  ReasonCounts errors{};
  /// Runs that were not begun, as their calls would not have fit; nothing where
  /// that cannot be.
  std::optional<std::uint64_t> skipped_runs;
  std::string last_error;  ///< For people; empty after a success.
  ErrorCode last_code = ErrorCode::kOther;
  std::uint64_t failures = 0;  ///< In a row.
  /// What the log was told of failures for one reason.
  struct Told {
    std::optional<MonoTime> last{};
    std::uint64_t failures_since = 0;
  };
  std::array<Told, kReasonCount> told{};
  bool told_failing = false;  ///< And not of the recovery yet.

  bool IsStale(MonoTime now) const {
    return published && last_success_mono &&
           now - *last_success_mono > stale_after;
  }
};

/// Every family that `AddCollectorState` may add.
std::span<const metrics::Desc* const> CollectorStateDescs();

/// Adds what product users watch to know whether the figures can be trusted.
/// `out` carries the project.
void AddCollectorState(std::string_view collector, const CollectorState& state,
                       metrics::SampleSet& out);

}  // namespace serverspace::exporter
