#pragma once

#include <functional>
#include <optional>
#include <sys/types.h>

#include "app/notify.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/result.h"

namespace serverspace::app {

/// How often the service manager wants a sign of life, if it does: what
/// WATCHDOG_USEC says, unless WATCHDOG_PID is another process than `self`
/// (sd_watchdog_enabled(3)). Errors: kInvalidInput, naming the variable.
Result<std::optional<Duration>> WatchdogTimeout(const Environment& environment,
                                                pid_t self);

/// Feeds the service manager's watchdog, but only while the work really goes
/// on: a process that is merely there is worth nothing, and a restart mends
/// what hangs. Of one thread, which takes turns.
class Watchdog {
 public:
  /// `advances` tells whether the work goes on. `notifier` and `log` outlive
  /// the watchdog.
  Watchdog(std::optional<Duration> timeout, const Notifier& notifier,
           std::function<bool()> advances, Logger& log);

  /// The time from one turn to the next; nothing if nobody wants turns.
  std::optional<Duration> pause() const;
  void Turn();

 private:
  const std::optional<Duration> timeout_;
  const Notifier& notifier_;
  const std::function<bool()> advances_;
  Logger& log_;
  bool starving_ = false;
};

}  // namespace serverspace::app
