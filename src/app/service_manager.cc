#include "app/service_manager.h"

#include <cstdlib>
#include <utility>

#include "app/watchdog.h"

namespace serverspace::app {

Result<ServiceManager> FindServiceManager(const Environment& environment,
                                          pid_t self) {
  auto notifier = Notifier::Open(environment.Get("NOTIFY_SOCKET").value_or(""));
  if (!notifier.ok()) return std::move(notifier).error();
  auto sockets = PassedSockets(environment, self);
  if (!sockets.ok()) return std::move(sockets).error();
  return ServiceManager{.notifier = std::move(notifier).value(),
                        .watchdog_timeout = WatchdogTimeout(environment, self),
                        .sockets = std::move(sockets).value()};
}

void ForgetServiceManager() {
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                           "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread.
  }
}

}  // namespace serverspace::app
