#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <openssl/types.h>

namespace serverspace::sim {

/// One accepted TCP connection and the TLS session on it. Owned and used by the
/// thread that serves it; only Interrupt() may be called from another thread,
/// and only while the owner keeps the object.
class Connection {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Connection(int descriptor, SSL_CTX* context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Blocks; false if the peer gave up or spoke no TLS.
  bool Handshake();

  /// Blocks until there is something to read. False at the time limit or when
  /// the connection ended.
  bool WaitReadable(Milliseconds limit);
  /// The number of bytes read, 0 or less at the end.
  long Read(char* data, std::size_t size);
  /// True once all bytes are written.
  bool Write(std::string_view bytes);

  /// Waits for a time in which the peer may leave; true if it left, or the
  /// connection was interrupted.
  bool WaitForPeerToLeave(Milliseconds limit);

  /// Ends in order: TLS close_notify. Otherwise the destructor just closes the
  /// socket, which a client sees as a cut.
  void CloseInOrder();
  /// Makes the closing of the socket send a TCP reset.
  void ResetOnClose();

  /// Marks that nothing further may be written by the ordinary path, because a
  /// fault has answered on its own.
  void Abandon() { abandoned_ = true; }
  bool abandoned() const { return abandoned_; }

  /// Ends every wait, read and write of the owner at once.
  void Interrupt();

  int descriptor() const { return descriptor_; }

 private:
  struct SslDeleter {
    void operator()(SSL* ssl) const;
  };

  const int descriptor_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  bool abandoned_ = false;
};

}  // namespace serverspace::sim
