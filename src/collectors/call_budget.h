#pragma once

#include <cstddef>
#include <limits>

#include "base/clock.h"
#include "base/result.h"

namespace serverspace::collectors {

/// How long a run may take, retries included: it ends before the next is due.
constexpr Duration RunTime(Duration interval) { return interval * 4 / 5; }

/// How many calls a rate limit allows in that time.
std::size_t CallsIn(Duration time, double max_requests_per_second);

/// What the project's rate limit allows a run; without limit unless told.
struct CallBudget {
  Duration interval{};  ///< Of the collector.
  /// That fit into the time of a run.
  std::size_t calls = std::numeric_limits<std::size_t>::max();

  /// kTooManyCalls, with the interval that would do, unless so many calls fit.
  /// A run that cannot end in time is better not begun: its calls would be for
  /// nothing, and those of others would wait for them.
  Result<void> Check(std::size_t needed) const;
};

}  // namespace serverspace::collectors
