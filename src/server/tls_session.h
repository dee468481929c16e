#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/tls_server_context.h"

struct ssl_st;

namespace serverspace::server {

/// The server's end of one TLS connection on a non-blocking socket that it does
/// not own. No call waits: the answer tells for what to wait. Used by one
/// thread at a time.
class TlsSession {
 public:
  enum class Step : std::uint8_t {
    kDone,
    kWantRead,   ///< Call again when the socket can be read.
    kWantWrite,  ///< Call again when the socket can be written.
    kEnded,      ///< The peer has gone or broke the protocol: no more calls.
  };

  TlsSession(std::shared_ptr<const TlsServerContext> context, int socket);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  /// Says goodbye if that has not been done and needs no waiting.
  ~TlsSession();

  Step Handshake();
  /// At least one byte.
  Step Read(std::span<char> buffer, std::size_t& got);
  /// At least one byte. After kWantRead or kWantWrite the next call must bring
  /// the same bytes, or more that begin with them.
  Step Write(std::string_view bytes, std::size_t& sent);
  /// Tells the peer that nothing follows. It may still be read from.
  void Close();

  /// After the handshake: whether the client has shown a certificate that is
  /// good by the rules of the context.
  bool client_verified() const;

 private:
  struct Deleter {
    void operator()(ssl_st* ssl) const;
  };

  Step After(int status);

  const std::shared_ptr<const TlsServerContext> context_;
  const std::unique_ptr<ssl_st, Deleter> ssl_;
  bool usable_ = false;  // after a fatal error OpenSSL forbids the goodbye
};

}  // namespace serverspace::server
