#include "app/watchdog.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

#include "base/number.h"

namespace serverspace::app {
Result<std::optional<Duration>> WatchdogTimeout(const Environment& environment,
                                                pid_t self) {
  constexpr std::optional<Duration> kNone;
  constexpr std::uint64_t kMostMicroseconds =
      std::numeric_limits<std::int64_t>::max() / 1000;
  const auto timeout = environment.Get("WATCHDOG_USEC");
  if (!timeout) return kNone;
  if (const auto owner = environment.Get("WATCHDOG_PID")) {
    const auto pid = ParseNumber<pid_t>(*owner);
    if (!pid)
      return Error{ErrorCode::kInvalidInput, "WATCHDOG_PID is not a number"};
    if (*pid != self) return kNone;
  }
  const auto microseconds = ParseNumber<std::uint64_t>(*timeout);
  if (microseconds.value_or(0) == 0) {
    return Error{ErrorCode::kInvalidInput,
                 "WATCHDOG_USEC is not a number above 0"};
  }
  // What systemd calls infinity is no watchdog.
  if (*microseconds > kMostMicroseconds) return kNone;
  return std::optional<Duration>(std::chrono::microseconds(*microseconds));
}

Watchdog::Watchdog(std::optional<Duration> timeout, const Notifier& notifier,
                   std::function<bool()> advances, Logger& log)
    : timeout_(timeout),
      notifier_(notifier),
      advances_(std::move(advances)),
      log_(log) {}

std::optional<Duration> Watchdog::pause() const {
  // Half of the time, as sd_watchdog_enabled(3) advises.
  return timeout_ ? std::optional(*timeout_ / 2) : std::nullopt;
}

void Watchdog::Turn() {
  if (!timeout_) return;
  if (advances_()) {
    starving_ = false;
    // A sign that is lost is followed by another.
    std::ignore = notifier_.FeedWatchdog();
    return;
  }
  if (!std::exchange(starving_, true)) {
    log_.Error("polling hangs; the watchdog will end the program");
    std::ignore = notifier_.Status("polling hangs");
  }
}

}  // namespace serverspace::app
