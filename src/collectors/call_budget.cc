#include "collectors/call_budget.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

namespace serverspace::collectors {
namespace {

/// Other collectors and retries need a share of the rate too.
constexpr double kSlack = 1.25;

/// As a configuration says it: whole minutes, or seconds if it is short.
std::string FormatInterval(double seconds) {
  if (seconds < 60)
    return std::to_string(std::lround(std::ceil(seconds))) + "s";
  return std::to_string(std::lround(std::ceil(seconds / 60))) + "m";
}

}  // namespace

Result<void> CallBudget::Check(std::size_t needed) const {
  if (needed <= calls) return {};
  const double factor = static_cast<double>(needed) /
                        static_cast<double>(std::max<std::size_t>(calls, 1));
  return Error{ErrorCode::kTooManyCalls,
               "a run needs " + std::to_string(needed) +
                   " calls, and the rate limit allows " +
                   std::to_string(calls) + " in its time; an interval of " +
                   FormatInterval(Seconds(interval) * factor * kSlack) +
                   " would do"};
}

}  // namespace serverspace::collectors
