#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace serverspace::app {

/// Tells the service manager how the service fares: datagrams to the socket
/// that it named, as in sd_notify(3), without its library. Threads may share
/// one. A manager that does not read holds nobody up for more than a second.
class Notifier {
 public:
  /// Tells nobody.
  Notifier() = default;

  /// `address` is what NOTIFY_SOCKET holds: a path, or a name after `@` in the
  /// kernel's own name space; empty for nobody. Nothing is sent yet.
  static Result<Notifier> Open(std::string_view address);

  /// Serving, or serving again after a reload.
  Result<void> Ready(std::string_view status) const;
  /// A reload begins; Ready() ends it, well or not.
  Result<void> Reloading(MonoTime now) const;
  Result<void> Stopping() const;
  /// One line for people, with nothing secret in it.
  Result<void> Status(std::string_view status) const;
  Result<void> FeedWatchdog() const;

 private:
  Result<void> Send(std::string_view text) const;

  UniqueFd socket_;
  std::string address_;  ///< As the kernel wants it; empty for nobody.
};

}  // namespace serverspace::app
