#pragma once

#include <memory>
#include <string>

#include "base/memory_budget.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/exchange_limits.h"
#include "http/tls_channel.h"
#include "http/transport.h"

namespace serverspace::http {

/// A connection to an API host that answers one GET after the other. HTTP is
/// spoken by cpp-httplib; socket, TLS and waiting are ours, because those of
/// its 0.11.4 cannot be bounded in time or size. Used by one thread at a time.
class Connection {
 public:
  struct Call {
    std::string path;
    std::string host_header;
    const Secret& api_key;
    const std::string& user_agent;
    std::size_t max_body_bytes;
    const std::shared_ptr<MemoryBudget>& bodies;
  };

  explicit Connection(std::unique_ptr<TlsChannel> channel);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `path` and key must be of visible ASCII characters. After an error the
  /// connection is of no more use.
  Result<Response, TransportError> Get(const Call& call,
                                       const ExchangeLimits& limits);

  /// Whether the last Get() failed before a byte of the answer came: the fate
  /// of a kept connection that the server has just closed.
  bool FailedSilently() const;
  /// Whether another Get() may follow the last one.
  bool Reusable() const;
  /// Whether it may still be used after a rest. Never blocks.
  bool IsAlive();

 private:
  class Engine;

  std::unique_ptr<Engine> engine_;
};

}  // namespace serverspace::http
