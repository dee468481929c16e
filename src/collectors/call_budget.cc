#include "collectors/call_budget.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "config/values.h"

namespace serverspace::collectors {
namespace {

/// Other collectors and retries need a share of the rate too.
constexpr double kSlack = 1.25;

/// Up to whole minutes, or seconds if it is short.
Duration RoundUp(Duration interval) {
  using std::chrono::minutes;
  if (interval < minutes(1))
    return std::chrono::ceil<std::chrono::seconds>(interval);
  return std::chrono::ceil<minutes>(interval);
}

}  // namespace

std::size_t CallsIn(Duration time, double max_requests_per_second) {
  return static_cast<std::size_t>(
      std::max(0.0, Seconds(time) * max_requests_per_second));
}

Result<void> CallBudget::Check(std::size_t needed) const {
  if (needed <= calls) return {};
  const double factor = static_cast<double>(needed) /
                        static_cast<double>(std::max<std::size_t>(calls, 1));
  const Duration enough = FromSeconds(Seconds(interval) * factor * kSlack);
  return Error{ErrorCode::kTooManyCalls,
               "a run needs " + std::to_string(needed) +
                   " calls, and the rate limit allows " +
                   std::to_string(calls) + " in its time; an interval of " +
                   config::FormatDuration(RoundUp(enough)) + " would do"};
}

}  // namespace serverspace::collectors
