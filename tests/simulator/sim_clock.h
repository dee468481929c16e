#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ratio>
#include <string>

#include "base/clock.h"

namespace serverspace::sim {

/// The provider's unit of time: 100 ns (API reference 1.3).
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using Time = std::chrono::sys_time<Ticks>;

constexpr Ticks FromSeconds(double seconds) {
  return Ticks(static_cast<std::int64_t>(seconds * 1e7));
}

/// Simulated time: starts at the true time, runs `factor` times as fast, and
/// may be moved forward by hand. Thread-safe. Borrows the clock, which must
/// live longer.
class SimClock {
 public:
  SimClock(const Clock& clock, double factor);

  Time Now() const;
  void Advance(Ticks by);

  /// The true time shifted by the skew, as the Date header of an answer.
  std::string HttpDate() const;
  std::string HttpDateIn(std::chrono::seconds from_now) const;
  void set_date_skew(std::chrono::seconds skew) {
    date_skew_seconds_ = skew.count();
  }

  MonoTime Mono() const { return clock_.Mono(); }

 private:
  const Clock& clock_;
  const double factor_;
  const Time start_;
  const MonoTime mono_start_;
  std::atomic<std::int64_t> advanced_ticks_ = 0;
  std::atomic<std::int64_t> date_skew_seconds_ = 0;
};

/// `2026-11-20T08:44:12.0450077Z`: the last zeros of the fraction are left out,
/// as the provider does.
std::string FormatTime(Time time);
/// `2026-11-20T08:44:12`, without fraction or zone, as backups spell it.
std::string FormatTimeWithoutZone(Time time);
/// `2026-11-20T08:44:12Z`, as the newer sections spell it.
std::string FormatTimeToSecond(Time time);

}  // namespace serverspace::sim
