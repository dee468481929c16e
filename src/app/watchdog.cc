#include "app/watchdog.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

#include "base/number.h"

namespace serverspace::app {
std::optional<Duration> WatchdogTimeout(const Environment& environment,
                                        pid_t self) {
  constexpr std::int64_t kMostMicroseconds =
      std::numeric_limits<std::int64_t>::max() / 1000;
  if (const auto pid = environment.Get("WATCHDOG_PID");
      pid && ParseNumber<pid_t>(*pid) != self)
    return std::nullopt;
  const auto microseconds =
      ParseNumber<std::int64_t>(environment.Get("WATCHDOG_USEC").value_or(""));
  if (!microseconds || *microseconds <= 0 || *microseconds > kMostMicroseconds)
    return std::nullopt;
  return std::chrono::microseconds(*microseconds);
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
