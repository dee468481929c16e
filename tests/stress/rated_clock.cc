#include "stress/rated_clock.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;

/// Of the machine's time: the longest wait before the rate is looked at again.
constexpr Duration kLongestWait = 50ms;
/// Further away than any deadline that is meant.
constexpr Duration kFar = 24h * 365;

Duration Scale(Duration duration, double factor) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::nano>(duration) * factor);
}

}  // namespace

RatedClock::RatedClock(double rate)
    : wall_start_(SystemClock().Wall()),
      mono_start_(SystemClock().Mono()),
      rate_(rate),
      since_(mono_start_) {}

Duration RatedClock::Passed() const {
  std::lock_guard lock(mutex_);
  return before_ + Scale(SystemClock().Mono() - since_, rate_);
}

WallTime RatedClock::Wall() const { return wall_start_ + Passed(); }

MonoTime RatedClock::Mono() const { return mono_start_ + Passed(); }

MonoTime RatedClock::OnMachine(MonoTime time) const {
  std::lock_guard lock(mutex_);
  const MonoTime machine = SystemClock().Mono();
  const Duration passed = before_ + Scale(machine - since_, rate_);
  const Duration left = time - mono_start_ - passed;
  return machine + Scale(std::min(left, kFar), 1 / rate_);
}

void RatedClock::Wait(std::condition_variable_any& changed,
                      std::unique_lock<std::mutex>& lock, std::stop_token stop,
                      MonoTime deadline) {
  bool woken = false;
  changed.wait_until(
      lock, std::move(stop),
      std::min(OnMachine(deadline), SystemClock().Mono() + kLongestWait),
      [&woken] { return std::exchange(woken, true); });
}

void RatedClock::SetRate(double rate) {
  std::lock_guard lock(mutex_);
  const MonoTime machine = SystemClock().Mono();
  before_ += Scale(machine - since_, rate_);
  since_ = machine;
  rate_ = rate;
}

Result<http::Response, http::TransportError> RatedTransport::Get(
    const http::Request& request) {
  return transport_.Get({.base = request.base,
                         .path = request.path,
                         .api_key = request.api_key,
                         .deadline = clock_.OnMachine(request.deadline),
                         .stop = request.stop,
                         .max_body_bytes = request.max_body_bytes});
}

}  // namespace serverspace::stress
