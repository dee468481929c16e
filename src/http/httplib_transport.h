#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "http/address_book.h"
#include "http/connection_pool.h"
#include "http/dialer.h"
#include "http/resolver.h"
#include "http/tls_context.h"
#include "http/transport.h"

namespace serverspace::http {

/// The transport over TCP, TLS 1.2 or newer and HTTP/1.1, by cpp-httplib and
/// OpenSSL. All projects share its connections, so a key is part of each
/// request and of nothing that outlives it. Every wait ends at the request's
/// deadline or stop. Raises no SIGPIPE.
class HttplibTransport final : public Transport {
 public:
  struct Options {
    std::string ca_file;    ///< PEM, trusted in addition to the system's.
    std::string proxy_url;  ///< See ParseProxy(); may hold a password.
    std::string no_proxy;   ///< See NoProxyList.
    std::string user_agent = "serverspace-exporter";
    Duration connect_timeout = std::chrono::seconds(3);  ///< Per address.
    Duration idle_timeout = std::chrono::seconds(30);
    std::size_t max_idle_per_host = 16;
  };

  /// What all answers together may take in memory until they are read, and one
  /// of them: its body, and what is made of it.
  static constexpr MemoryBudget::Options kAnswers = {
      .limit_bytes = 256 << 20, .largest_bytes = 128 << 20};

  /// The clock must outlive the transport. Errors: kInvalidInput, naming the
  /// option.
  static Result<std::unique_ptr<HttplibTransport>> Create(
      Options options, Clock& clock,
      std::shared_ptr<Resolver> resolver = std::make_shared<SystemResolver>());

  Result<Response, TransportError> Get(const Request& request) override;

  /// Takes over the options and reads the trusted certificates again, for
  /// requests made from now on; connections at rest are dropped. After an
  /// error, which is as of Create(), everything stays as it was.
  Result<void> Reconfigure(Options options);

 private:
  /// Connections never outlive the certificates that they were verified with,
  /// nor the way that they took.
  struct Generation {
    Options options;
    std::shared_ptr<const TlsContext> trust;
    Dialer dialer;
    ConnectionPool pool;
  };

  HttplibTransport(Clock& clock, std::shared_ptr<Resolver> resolver);

  Result<Response, TransportError> Perform(const Request& request);

  Clock& clock_;
  AddressBook addresses_;
  const std::shared_ptr<MemoryBudget> answers_;
  std::mutex mutex_;  // guards generation_
  std::shared_ptr<Generation> generation_;
};

}  // namespace serverspace::http
