#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "server/access_check.h"
#include "server/http_message.h"
#include "server/http_router.h"
#include "server/listener_stats.h"
#include "server/tls_server_context.h"

namespace serverspace::server {

struct ListenerOptions {
  /// `:10066` (all addresses, IPv6 and IPv4), `127.0.0.1:0`, `[::1]:0`,
  /// `localhost:10066`.
  std::vector<std::string> addresses;
  /// Listening sockets opened by somebody else (systemd); the listener takes
  /// them over.
  std::vector<int> inherited_sockets;
  /// Lowered to the descriptor limit less 64.
  std::size_t max_connections = 512;
  std::size_t io_threads = 1;
  std::size_t helper_queue = 8;
  std::chrono::milliseconds head_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(10);
  /// Prometheus drops its own idle connections after 5 minutes. Waiting a
  /// little longer than that keeps every usual scrape interval on one
  /// connection and leaves the closing to the client, so that no request
  /// crosses our FIN.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(330);
  /// An answer must move within this time...
  std::chrono::milliseconds write_timeout = std::chrono::seconds(10);
  /// ...and be out at this many bytes a second, after a first minute: a reader
  /// that trickles would hold an old page in memory.
  std::uint64_t min_write_bytes_per_second = 32 * 1024;
  AccessCheck access;
  /// How many requests may wait for `access.slowly`.
  std::size_t access_queue = 64;
  /// Asked for each new connection, from any thread: what secures it. No
  /// function: plain HTTP.
  std::function<std::shared_ptr<const TlsServerContext>()> tls;
  /// Asked for each answer: the lines that SecurityHeaderLines made. No
  /// function: our own.
  std::function<std::shared_ptr<const std::string>()> security_headers;
};

/// The inbound HTTP/1.1 server: an event loop on its own threads (one by
/// default), one helper thread for slow handlers and one on which passwords are
/// checked. All limits of a peer live here. Owned by whoever starts it; the
/// destructor stops it. All functions may be called from any thread but the
/// listener's own.
class Listener {
 public:
  /// Binds, listens and starts serving. An address that is taken, or cannot be
  /// read, is an error that names it. `clock` must outlive the listener.
  static Result<std::unique_ptr<Listener>> Start(ListenerOptions options,
                                                 std::vector<Route> routes,
                                                 const Clock& clock);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// Ends accepting, closes idle connections at once, gives running answers up
  /// to a second. Blocks until the threads have ended; a second call does
  /// nothing.
  void Stop();

  /// Bound ports: those of the options' addresses in order, then the inherited
  /// ones.
  const std::vector<std::uint16_t>& ports() const;
  ListenerStats stats() const;

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace serverspace::server
