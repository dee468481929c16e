#include "http/exchange_limits.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <utility>

#include "http/failure.h"

namespace serverspace::http {

void ExchangeLimits::Signal::operator()() const {
  // Fails only if the counter is full, and then it is readable.
  eventfd_write(fd, 1);
}

ExchangeLimits::ExchangeLimits(const Clock& clock, MonoTime deadline,
                               std::stop_token stop, UniqueFd wake)
    : clock_(clock),
      deadline_(deadline),
      stop_(std::move(stop)),
      wake_(std::move(wake)),
      on_stop_(stop_, Signal{wake_.get()}) {}

Result<std::unique_ptr<ExchangeLimits>, TransportError> ExchangeLimits::Create(
    const Clock& clock, MonoTime deadline, std::stop_token stop) {
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return SystemFailure(Stage::kLocal, errno);
  return std::unique_ptr<ExchangeLimits>(
      new ExchangeLimits(clock, deadline, std::move(stop), std::move(wake)));
}

std::optional<ErrorCode> ExchangeLimits::Exceeded() const {
  if (stop_.stop_requested()) return ErrorCode::kCancelled;
  if (clock_.Mono() >= deadline_) return ErrorCode::kTimeout;
  return std::nullopt;
}

std::optional<ErrorCode> ExchangeLimits::Wait(int fd, short events,
                                              MonoTime until) const {
  const MonoTime end = std::min(until, deadline_);
  while (true) {
    if (stop_.stop_requested()) return ErrorCode::kCancelled;
    const Duration left = end - clock_.Mono();
    if (left <= Duration::zero()) return ErrorCode::kTimeout;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(),
                           .tv_nsec = (left - seconds).count()};
    pollfd polled[] = {{.fd = fd, .events = events, .revents = 0},
                       {.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    const int ready = ppoll(polled, std::size(polled), &timeout, nullptr);
    if (ready > 0 && polled[1].revents == 0) return std::nullopt;
    // A clock that a test holds still would never let the time run out.
    if (ready == 0) return ErrorCode::kTimeout;
  }
}

}  // namespace serverspace::http
