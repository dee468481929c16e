#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/exchange_limits.h"
#include "http/transport.h"

namespace serverspace::http {

struct TcpConnection {
  UniqueFd socket;  ///< Non-blocking.
  std::string address;
};

/// Tries the addresses in turn, each for at most `patience`. The error is that
/// of the last one, of Stage::kConnect, or of kLocal where no socket was to be
/// had.
Result<TcpConnection, TransportError> ConnectTcp(
    const std::vector<std::string>& addresses, std::uint16_t port,
    Duration patience, const Clock& clock, const ExchangeLimits& limits);

}  // namespace serverspace::http
