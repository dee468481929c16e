#pragma once

#include <set>

#include "base/clock.h"

namespace serverspace {

/// A clock that stands still until told. For tests and for simulated time;
/// threads may share one.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(
      WallTime start = WallTime(std::chrono::seconds(1'700'000'000)));

  WallTime Wall() const override;
  MonoTime Mono() const override;
  void Wait(std::condition_variable_any& changed,
            std::unique_lock<std::mutex>& lock, std::stop_token stop,
            MonoTime deadline) override;

  /// Moves both clocks and wakes every thread that waits.
  void Advance(Duration step);
  /// Moves the calendar only, as an administrator or NTP would.
  void JumpWall(Duration step);
  /// Blocks until `count` threads wait on this clock. A thread that an advance
  /// woke counts again once it has come back to wait, so what it had to do at
  /// this moment is done.
  void AwaitWaiters(int count);

 private:
  mutable std::mutex mutex_;  // guards everything below
  WallTime wall_;
  MonoTime mono_;
  // One for each thread in Wait that has not been woken by an advance since:
  // its registration is known by the place of a local pointer.
  std::set<std::condition_variable_any**> waiters_;
  std::condition_variable changed_;
};

}  // namespace serverspace
