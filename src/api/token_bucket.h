#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"

namespace serverspace::api {

/// Bounds the rate of one project's requests, and holds them all back when the
/// host asks for a pause. Threads may share one.
class TokenBucket {
 public:
  struct Options {
    double per_second = 5;  ///< Above 0.
    int burst = 5;          ///< At least 1.
  };

  /// `clock` must outlive the bucket.
  TokenBucket(const Options& options, Clock& clock);
  TokenBucket(const TokenBucket&) = delete;
  TokenBucket& operator=(const TokenBucket&) = delete;

  /// Waits for the right to send one request and tells how long that took. A
  /// wait that cannot end by `deadline` fails at once: with the cause of the
  /// pause that stands in the way, else with kRateLimited; kTimeout if it is
  /// past. kCancelled on stop.
  Result<Duration> Take(MonoTime deadline, const std::stop_token& stop);

  /// Lets nobody through before `until`; the later of two pauses holds. `cause`
  /// is the error that whoever cannot wait so long gets.
  void PauseUntil(MonoTime until, Error cause);

 private:
  const Duration interval_;
  const Duration tolerance_;  // how far ahead of the rate a full bucket allows
  Clock& clock_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable_any changed_;
  MonoTime full_at_;  // when the bucket would be full again
  MonoTime paused_until_;
  Error pause_cause_;
};

}  // namespace serverspace::api
