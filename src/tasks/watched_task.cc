#include "tasks/watched_task.h"

#include <algorithm>

namespace serverspace::tasks {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kNames = {
    "completed", "failed", "canceled", "lost"};

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::optional<Outcome> OutcomeOf(std::string_view state) {
  const auto* const name = std::ranges::find(kNames, state);
  if (name == kNames.end() || state == OutcomeName(Outcome::kLost))
    return std::nullopt;
  return static_cast<Outcome>(name - kNames.begin());
}

void Totals::AddDuration(Duration duration) {
  if (duration > Duration::max() - duration_sum) return;
  const auto* const bound =
      std::ranges::lower_bound(kDurationBounds, Seconds(duration));
  ++durations.at(static_cast<std::size_t>(bound - kDurationBounds.begin()));
  duration_sum += duration;
}

}  // namespace serverspace::tasks
