#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace serverspace::server {

/// A bound, listening TCP socket, closed with its owner.
class ListeningSocket {
 public:
  /// Binds `HOST:PORT` or `:PORT` (IPv6 and IPv4 on one socket where the
  /// machine has IPv6, else IPv4). Resolving a name may block. The error names
  /// the address and the reason.
  static Result<ListeningSocket> Open(std::string_view address);
  /// Takes over a listening TCP socket opened by somebody else. It stays open
  /// if it is refused.
  static Result<ListeningSocket> Adopt(int socket);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  ~ListeningSocket();

  bool is_ipv6() const { return is_ipv6_; }
  std::uint16_t port() const { return port_; }
  /// Gives the descriptor away.
  int Release();

 private:
  explicit ListeningSocket(int socket) : socket_(socket) {}
  bool ReadName();

  int socket_ = -1;
  bool is_ipv6_ = false;
  std::uint16_t port_ = 0;
};

}  // namespace serverspace::server
