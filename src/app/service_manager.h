#pragma once

#include <optional>
#include <sys/types.h>
#include <vector>

#include "app/notify.h"
#include "app/socket_activation.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

namespace serverspace::app {

/// What the service manager that started this process (systemd) wants to hear
/// and has given; nothing of it without one.
struct ServiceManager {
  Notifier notifier;
  std::optional<Duration> watchdog_timeout;
  std::vector<PassedSocket> sockets;
};

/// From the variables that the manager sets for the process `self`. Errors:
/// kInvalidInput, naming the variable.
Result<ServiceManager> FindServiceManager(const Environment& environment,
                                          pid_t self);

/// Unsets these variables: they are for this process alone. Before any other
/// thread starts.
void ForgetServiceManager();

}  // namespace serverspace::app
