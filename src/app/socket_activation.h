#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "base/environment.h"
#include "base/result.h"

namespace serverspace::app {

/// A socket that the service manager opened before it started this process.
struct PassedSocket {
  int descriptor = -1;
  std::string name;  ///< As the socket unit calls it; may be empty.
  friend bool operator==(const PassedSocket&, const PassedSocket&) = default;
};

/// The sockets that LISTEN_FDS and LISTEN_FDNAMES tell of, as in
/// sd_listen_fds(3); none if LISTEN_PID is not `self`. Errors: kInvalidInput,
/// naming the variable.
Result<std::vector<PassedSocket>> PassedSockets(const Environment& environment,
                                                pid_t self);

/// Where a passed TCP socket is bound, as `127.0.0.1:10066` or `[::]:10066`.
/// The error names the socket.
Result<std::string> BoundAddress(const PassedSocket& socket);

}  // namespace serverspace::app
