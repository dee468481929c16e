#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace serverspace::server {

/// An answer as it came over the wire.
struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// A TCP connection to loopback that sends and reads what a test says, right or
/// wrong. No call waits longer than 20 s.
class ListenerClient {
 public:
  /// `receive_buffer_bytes` below the usual makes a peer that soon takes no
  /// more.
  explicit ListenerClient(std::uint16_t port, int receive_buffer_bytes = 0,
                          bool over_ipv6 = false);
  ListenerClient(ListenerClient&& other) noexcept;
  ListenerClient(const ListenerClient&) = delete;
  ListenerClient& operator=(const ListenerClient&) = delete;
  ~ListenerClient();

  /// Goes on with TLS; false if the handshake fails. `context` may go at once.
  bool StartTls(SSL_CTX* context, SSL_SESSION* resumed = nullptr);
  /// Null without TLS.
  SSL* tls() const { return tls_.get(); }

  bool connected() const { return socket_ >= 0; }
  int socket() const { return socket_; }

  /// False if the peer has gone.
  bool Send(std::string_view text);
  /// Sends a request without body and with the further header lines.
  bool Get(std::string_view target, std::string_view headers = "",
           std::string_view method = "GET");
  /// The next answer, exactly; nothing if the stream ends before or is none.
  std::optional<Answer> Read(bool without_body = false);
  /// Reads up to `size` bytes that are there or come; empty at the end.
  std::string ReadSome(std::size_t size);
  /// Reads to the end; false if that was not a proper end but a reset or a
  /// timeout.
  bool AtEnd();
  void CloseSend();

 private:
  bool Fill();

  int socket_ = -1;
  std::shared_ptr<BIO_METHOD> method_;
  std::shared_ptr<SSL> tls_;
  std::string unread_;
  bool reset_ = false;
};

}  // namespace serverspace::server
