#include "app/process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <initializer_list>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace serverspace::app {
namespace {

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

sigset_t AwaitedSignals() { return SetOf({SIGTERM, SIGINT, SIGHUP}); }

/// A signal to end that has come already, or `signal`: of those that have come
/// the system gives SIGHUP first, and who sends many would put off the end.
int EndFirst(int signal) {
  if (signal != SIGHUP) return signal;
  const sigset_t set = SetOf({SIGTERM, SIGINT});
  const timespec at_once{};
  return std::max(signal, sigtimedwait(&set, nullptr, &at_once));
}

}  // namespace

void HideMemory() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void HoldStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is the one that is missing.
    if (::fcntl(descriptor, F_GETFD) == -1) ::open("/dev/null", O_RDONLY);
  }
}

void IgnoreBrokenPipes() {
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

void BlockSignals() {
  const sigset_t set = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int AwaitSignal(std::optional<Duration> limit) {
  const sigset_t set = AwaitedSignals();
  int signal = -1;
  if (!limit) {
    while (signal < 0) signal = sigwaitinfo(&set, nullptr);
    return EndFirst(signal);
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*limit);
  const timespec timeout{.tv_sec = seconds.count(),
                         .tv_nsec = (*limit - seconds).count()};
  do {
    signal = sigtimedwait(&set, nullptr, &timeout);
  } while (signal < 0 && errno == EINTR);
  return EndFirst(std::max(signal, 0));
}

}  // namespace serverspace::app
