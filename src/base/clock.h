#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace serverspace {

/// Moments of the world's calendar, in nanoseconds since 1970 UTC. They may
/// jump.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
/// Moments that only go forward. Deadlines and intervals are of this kind.
using MonoTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Seconds since 1970 as a metric value.
double UnixSeconds(WallTime time);
double Seconds(Duration duration);
/// The whole nanoseconds of a time that a Duration can hold.
Duration FromSeconds(double seconds);

/// When the machine was started, by what its clocks say now.
WallTime BootTime();

/// Where the program gets time from, so that a test can be its master. Threads
/// may share one.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual WallTime Wall() const = 0;
  virtual MonoTime Mono() const = 0;

  /// Waits on `changed` until it is notified, `deadline` has come or `stop` is
  /// requested; the caller checks which. May return early. `lock` is held at
  /// entry and exit.
  virtual void Wait(std::condition_variable_any& changed,
                    std::unique_lock<std::mutex>& lock, std::stop_token stop,
                    MonoTime deadline) = 0;

  /// Pauses until `deadline`. False if `stop` came first.
  bool SleepUntil(MonoTime deadline, const std::stop_token& stop);
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime Wall() const override;
  MonoTime Mono() const override;
  void Wait(std::condition_variable_any& changed,
            std::unique_lock<std::mutex>& lock, std::stop_token stop,
            MonoTime deadline) override;
};

}  // namespace serverspace
