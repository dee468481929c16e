#include "base/clock.h"

#include <ctime>
#include <utility>

namespace serverspace {

double UnixSeconds(WallTime time) { return Seconds(time.time_since_epoch()); }

double Seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Duration FromSeconds(double seconds) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(seconds));
}

WallTime BootTime() {
  timespec running{};
  ::clock_gettime(CLOCK_BOOTTIME, &running);
  return SystemClock().Wall() - std::chrono::seconds(running.tv_sec) -
         std::chrono::nanoseconds(running.tv_nsec);
}

bool Clock::SleepUntil(MonoTime deadline, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    if (Mono() >= deadline) return true;
    Wait(changed, lock, stop, deadline);
  }
  return false;
}

WallTime SystemClock::Wall() const {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(
      std::chrono::system_clock::now());
}

MonoTime SystemClock::Mono() const { return std::chrono::steady_clock::now(); }

void SystemClock::Wait(std::condition_variable_any& changed,
                       std::unique_lock<std::mutex>& lock, std::stop_token stop,
                       MonoTime deadline) {
  // A predicate that is always false would loop until the deadline, so the
  // wake-up by notification is remembered.
  bool woken = false;
  changed.wait_until(lock, std::move(stop), deadline,
                     [&woken] { return std::exchange(woken, true); });
}

}  // namespace serverspace
