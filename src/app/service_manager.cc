#include "app/service_manager.h"

#include <cstdlib>
#include <utility>

#include "app/watchdog.h"

namespace serverspace::app {

Result<ServiceManager> FindServiceManager(const Environment& environment,
                                          pid_t self, bool needs_sockets,
                                          Logger& log) {
  const auto leave_out = [&log](const Error& error) {
    log.Warn("a variable of the service manager is left out",
             {{"error", error.message}});
  };
  ServiceManager manager;
  const auto timeout = WatchdogTimeout(environment, self);
  if (timeout.ok()) {
    manager.watchdog_timeout = timeout.value();
  } else {
    leave_out(timeout.error());
  }
  auto notifier = Notifier::Open(environment.Get("NOTIFY_SOCKET").value_or(""));
  if (notifier.ok()) {
    manager.notifier = std::move(notifier).value();
  } else {
    leave_out(notifier.error());
  }
  auto sockets = PassedSockets(environment, self);
  if (sockets.ok()) {
    manager.sockets = std::move(sockets).value();
  } else if (needs_sockets) {
    return std::move(sockets).error();
  } else {
    leave_out(sockets.error());
  }
  return manager;
}

void ForgetServiceManager() {
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                           "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread.
  }
}

}  // namespace serverspace::app
