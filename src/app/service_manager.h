#pragma once

#include <optional>
#include <sys/types.h>
#include <vector>

#include "app/notify.h"
#include "app/socket_activation.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/result.h"

namespace serverspace::app {

/// What the service manager that started this process (systemd) wants to hear
/// and has given; nothing of it without one.
struct ServiceManager {
  Notifier notifier;
  std::optional<Duration> watchdog_timeout;
  std::vector<PassedSocket> sockets;
};

/// From the variables that the manager sets for the process `self`. One that
/// makes no sense came down from somebody else: it is left out, with a warning.
/// Errors: kInvalidInput, naming the variable, only if `needs_sockets` and what
/// is said of sockets makes no sense.
Result<ServiceManager> FindServiceManager(const Environment& environment,
                                          pid_t self, bool needs_sockets,
                                          Logger& log);

/// Unsets these variables: they are for this process alone. Before any other
/// thread starts.
void ForgetServiceManager();

}  // namespace serverspace::app
