#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/transport.h"

namespace serverspace::http {

/// What ends an exchange before its time: its deadline and its stop token.
/// Every wait on a socket goes through here, so nothing in an exchange outlasts
/// either. Used by the thread of one exchange; the stop may come from any.
class ExchangeLimits {
 public:
  /// Fails if the process is out of descriptors.
  static Result<std::unique_ptr<ExchangeLimits>, TransportError> Create(
      const Clock& clock, MonoTime deadline, std::stop_token stop);

  ExchangeLimits(const ExchangeLimits&) = delete;
  ExchangeLimits& operator=(const ExchangeLimits&) = delete;

  /// kCancelled or kTimeout once a limit is reached.
  std::optional<ErrorCode> Exceeded() const;

  /// Blocks until the descriptor has one of the poll events or an error. A code
  /// if a limit, or `until`, came first.
  std::optional<ErrorCode> Wait(int fd, short events,
                                MonoTime until = MonoTime::max()) const;

  MonoTime deadline() const { return deadline_; }
  const std::stop_token& stop() const { return stop_; }

 private:
  struct Signal {
    int fd;
    void operator()() const;
  };

  ExchangeLimits(const Clock& clock, MonoTime deadline, std::stop_token stop,
                 UniqueFd wake);

  const Clock& clock_;
  const MonoTime deadline_;
  const std::stop_token stop_;
  const UniqueFd wake_;  // an eventfd, readable from the request to stop on
  const std::stop_callback<Signal> on_stop_;
};

}  // namespace serverspace::http
