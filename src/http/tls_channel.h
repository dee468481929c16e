#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/exchange_limits.h"
#include "http/tls_context.h"
#include "http/transport.h"

struct ssl_st;

namespace serverspace::http {

/// A TLS connection to a verified host, over a socket that it owns. Used by one
/// thread at a time.
class TlsChannel {
 public:
  /// `socket` is connected and non-blocking. `host` must be a name, or an
  /// address, of the peer's certificate. Errors are of Stage::kTls.
  static Result<std::unique_ptr<TlsChannel>, TransportError> Open(
      UniqueFd socket, std::shared_ptr<const TlsContext> context,
      const std::string& host, const ExchangeLimits& limits);

  /// Tells the peer goodbye if that needs no waiting.
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  /// At least one byte, or 0 when the peer has ended the stream in order; a
  /// bare end of the connection is an error, since anybody can cause it.
  Result<std::size_t, TransportError> Read(std::span<char> buffer,
                                           const ExchangeLimits& limits);
  /// All of the bytes.
  Result<void, TransportError> Write(std::string_view bytes,
                                     const ExchangeLimits& limits);

  /// Between two exchanges: whether the peer has neither left nor spoken out of
  /// turn. Never blocks.
  bool IsQuiet();

  int fd() const { return socket_.get(); }

 private:
  struct Deleter {
    void operator()(ssl_st* ssl) const;
  };

  TlsChannel(UniqueFd socket, std::shared_ptr<const TlsContext> context);

  Result<void, TransportError> Handshake(const std::string& host,
                                         const ExchangeLimits& limits);
  /// After an operation that returned `status`: nothing if it can be tried
  /// again now.
  Result<void, TransportError> Recover(int status, Stage stage,
                                       const ExchangeLimits& limits);

  const std::shared_ptr<const TlsContext> context_;
  const UniqueFd socket_;
  const std::unique_ptr<ssl_st, Deleter> ssl_;
  bool usable_ = false;  // after a fatal error OpenSSL forbids the goodbye
};

}  // namespace serverspace::http
