#include "api/token_bucket.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace serverspace::api {
namespace {

Duration Interval(double per_second) {
  assert(per_second > 0);
  return FromSeconds(1 / per_second);
}

}  // namespace

TokenBucket::TokenBucket(const Options& options, Clock& clock)
    : interval_(Interval(options.per_second)),
      tolerance_(interval_ * (options.burst - 1)),
      clock_(clock),
      full_at_(clock.Mono()),
      paused_until_(MonoTime::min()) {
  assert(options.burst >= 1);
}

Result<Duration> TokenBucket::Take(MonoTime deadline,
                                   const std::stop_token& stop) {
  const MonoTime start = clock_.Mono();
  // Passing through takes some time too, but no turn was waited for.
  bool waited = false;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const MonoTime now = clock_.Mono();
    const MonoTime ready =
        std::max({now, full_at_ - tolerance_, paused_until_});
    if (now > deadline) return Error{ErrorCode::kTimeout, "no time is left"};
    if (ready > deadline) {
      if (paused_until_ > deadline) return pause_cause_;
      return Error{ErrorCode::kRateLimited,
                   "our own limit of requests per second leaves no turn before "
                   "the deadline"};
    }
    if (ready == now) {
      full_at_ = std::max(full_at_, now) + interval_;
      return waited ? now - start : Duration::zero();
    }
    waited = true;
    clock_.Wait(changed_, lock, stop, ready);
  }
  return Error{ErrorCode::kCancelled, "cancelled"};
}

void TokenBucket::PauseUntil(MonoTime until, Error cause) {
  std::lock_guard lock(mutex_);
  if (until <= paused_until_) return;
  paused_until_ = until;
  pause_cause_ = std::move(cause);
  // Who waits may have to give up now.
  changed_.notify_all();
}

}  // namespace serverspace::api
