#pragma once

#include <string>

#include "base/result.h"
#include "http/exchange_limits.h"
#include "http/proxy.h"
#include "http/transport.h"

namespace serverspace::http {

/// Asks a proxy, over a fresh connection to it, for a tunnel to `target`
/// (`host:port`). Written here because cpp-httplib 0.11.4 sends the proxy's
/// credentials on through the tunnel with every request. Errors are of
/// Stage::kConnect and hold none of them.
Result<void, TransportError> OpenTunnel(int socket, const std::string& target,
                                        const Proxy& proxy,
                                        const ExchangeLimits& limits);

}  // namespace serverspace::http
