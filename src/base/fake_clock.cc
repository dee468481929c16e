#include "base/fake_clock.h"

#include <utility>

namespace serverspace {

FakeClock::FakeClock(WallTime start)
    : wall_(start), mono_(MonoTime(std::chrono::hours(1))) {}

WallTime FakeClock::Wall() const {
  std::lock_guard lock(mutex_);
  return wall_;
}

MonoTime FakeClock::Mono() const {
  std::lock_guard lock(mutex_);
  return mono_;
}

void FakeClock::Wait(std::condition_variable_any& changed,
                     std::unique_lock<std::mutex>& lock, std::stop_token stop,
                     MonoTime deadline) {
  std::condition_variable_any* registration = &changed;
  {
    std::lock_guard own(mutex_);
    if (mono_ >= deadline) return;
    waiters_.insert(&registration);
    changed_.notify_all();
  }
  // An Advance between the registration and the wait notifies too early to be
  // heard; the short real wait bounds that loss, and callers loop anyway.
  bool woken = false;
  changed.wait_for(lock, std::move(stop), std::chrono::milliseconds(2),
                   [&woken] { return std::exchange(woken, true); });
  std::lock_guard own(mutex_);
  waiters_.erase(&registration);
}

void FakeClock::Advance(Duration step) {
  std::lock_guard lock(mutex_);
  wall_ += step;
  mono_ += step;
  // Notified under the lock: a waiter unregisters under it before its condition
  // variable can go away.
  for (auto** waiter : waiters_) (*waiter)->notify_all();
  waiters_.clear();
}

void FakeClock::JumpWall(Duration step) {
  std::lock_guard lock(mutex_);
  wall_ += step;
}

void FakeClock::AwaitWaiters(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return static_cast<int>(waiters_.size()) >= count; });
}

}  // namespace serverspace
