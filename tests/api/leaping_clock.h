#pragma once

#include <algorithm>

#include "base/clock.h"

namespace serverspace::api {

/// Waiting leaps to the deadline, so that a test of one thread passes through
/// hours at once.
class LeapingClock final : public Clock {
 public:
  WallTime Wall() const override { return wall_; }
  MonoTime Mono() const override { return mono_; }
  void Wait(std::condition_variable_any&, std::unique_lock<std::mutex>&,
            std::stop_token stop, MonoTime deadline) override {
    if (!stop.stop_requested())
      Advance(std::max(deadline - mono_, Duration::zero()));
  }
  void Advance(Duration step) {
    wall_ += step;
    mono_ += step;
  }

 private:
  WallTime wall_{std::chrono::seconds(1'700'000'000)};
  MonoTime mono_{std::chrono::hours(1)};
};

}  // namespace serverspace::api
