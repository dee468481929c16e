#pragma once

#include <mutex>

#include "base/clock.h"
#include "http/transport.h"

namespace serverspace::stress {

/// A clock that runs so many times faster than the machine's, so that days pass
/// in minutes. Threads may share one.
class RatedClock final : public Clock {
 public:
  explicit RatedClock(double rate);

  WallTime Wall() const override;
  MonoTime Mono() const override;
  void Wait(std::condition_variable_any& changed,
            std::unique_lock<std::mutex>& lock, std::stop_token stop,
            MonoTime deadline) override;

  /// From now on. Who waits notices soon.
  void SetRate(double rate);
  /// When it will be `time` here by the machine's clock.
  MonoTime OnMachine(MonoTime time) const;

 private:
  Duration Passed() const;

  const WallTime wall_start_;
  const MonoTime mono_start_;
  mutable std::mutex mutex_;  // guards the rest
  double rate_;
  MonoTime since_;     // by the machine's clock, when the rate was set
  Duration before_{};  // what had passed by then
};

/// Hands requests with deadlines of a rated clock over to a transport that
/// lives by the machine's: sockets know no other.
class RatedTransport final : public http::Transport {
 public:
  /// Both outlive it.
  RatedTransport(http::Transport& transport, const RatedClock& clock)
      : transport_(transport), clock_(clock) {}

  Result<http::Response, http::TransportError> Get(
      const http::Request& request) override;

 private:
  http::Transport& transport_;
  const RatedClock& clock_;
};

}  // namespace serverspace::stress
