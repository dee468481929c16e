#include "app/notify.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

#include "base/text.h"

namespace serverspace::app {
namespace {

Error Unusable(std::string_view why) {
  return Error{ErrorCode::kInvalidInput, "NOTIFY_SOCKET " + std::string(why)};
}

Error Failed(int code) {
  return Unusable("cannot be told: " + std::generic_category().message(code));
}

constexpr std::size_t kMaxStatusBytes = 256;

// A line break would begin another assignment.
std::string StatusLine(std::string_view status) {
  return "STATUS=" + Printable(status, kMaxStatusBytes);
}

}  // namespace

Result<Notifier> Notifier::Open(std::string_view address) {
  Notifier notifier;
  if (address.empty()) return notifier;
  if (!address.starts_with('/') && !address.starts_with('@'))
    return Unusable("is neither a path nor a name after @");
  if (address.size() >= sizeof(sockaddr_un::sun_path))
    return Unusable("is too long");
  notifier.socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!notifier.socket_.valid()) return Failed(errno);
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  if (::setsockopt(notifier.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience,
                   sizeof patience) != 0) {
    return Failed(errno);
  }
  notifier.address_ = address;
  // unix(7): a name that is no path begins with a zero byte.
  if (address.starts_with('@')) notifier.address_.front() = '\0';
  return notifier;
}

Result<void> Notifier::Ready(std::string_view status) const {
  return Send("READY=1\n" + StatusLine(status));
}

Result<void> Notifier::Reloading(MonoTime now) const {
  // Of the same clock as the manager's, CLOCK_MONOTONIC.
  const auto microseconds =
      std::chrono::duration_cast<std::chrono::microseconds>(
          now.time_since_epoch());
  return Send(
      "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds.count()) +
      "\nSTATUS=loading the configuration again");
}

Result<void> Notifier::Stopping() const {
  return Send("STOPPING=1\nSTATUS=stopping");
}

Result<void> Notifier::Status(std::string_view status) const {
  return Send(StatusLine(status));
}

Result<void> Notifier::FeedWatchdog() const { return Send("WATCHDOG=1"); }

Result<void> Notifier::Send(std::string_view text) const {
  if (address_.empty()) return {};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::ranges::copy(address_, to.sun_path);
  // Without a zero byte at its end, which would be part of a name.
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  while (::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to), size) < 0) {
    if (errno != EINTR) return Failed(errno);
  }
  return {};
}

}  // namespace serverspace::app
