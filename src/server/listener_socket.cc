#include "server/listener_socket.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "server/listener_address.h"
#include "server/listener_unsent.h"

namespace serverspace::server {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Error Failed(std::string_view address, const std::string& why) {
  return Error{ErrorCode::kInvalidInput,
               "cannot listen on " + std::string(address) + ": " + why};
}

Error Failed(std::string_view address, int code) {
  std::string why = std::generic_category().message(code);
  if (code == EADDRINUSE) why += " (is another instance running?)";
  return Failed(address, why);
}

void Set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

// Accepted sockets inherit these, which saves two calls for each.
void SetInherited(int socket) {
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  LimitUnsent(socket, kMaxUnsentBytes);
}

// In the order to try them. For every address: IPv6, which takes IPv4 along,
// then IPv4 where IPv6 is switched off. For a name: IPv4 first, as `localhost`
// is usually meant.
std::vector<const addrinfo*> InOrder(const addrinfo* list, bool every_address) {
  std::vector<const addrinfo*> ordered;
  for (; list != nullptr; list = list->ai_next) ordered.push_back(list);
  const int first = every_address ? AF_INET6 : AF_INET;
  std::stable_partition(
      ordered.begin(), ordered.end(),
      [first](const addrinfo* address) { return address->ai_family == first; });
  return ordered;
}

// 0 or the error number.
int BindAndListen(int socket, const addrinfo& address, bool every_address) {
  // For a restart while old connections linger; a second listener still fails.
  Set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6)
    Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, every_address ? 0 : 1);
  SetInherited(socket);
  if (::bind(socket, address.ai_addr, address.ai_addrlen) != 0) return errno;
  if (::listen(socket, SOMAXCONN) != 0) return errno;
  return 0;
}

}  // namespace

Result<ListeningSocket> ListeningSocket::Open(std::string_view text) {
  const auto parsed = ParseListenAddress(text);
  if (!parsed.ok()) return parsed.error();
  const auto& [host, port] = parsed.value();
  const bool every_address = host.empty();

  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code =
          ::getaddrinfo(every_address ? nullptr : host.c_str(),
                        std::to_string(port).c_str(), &hints, &found);
      code != 0) {
    return Failed(text, ::gai_strerror(code));
  }
  const Addresses addresses(found);

  int code = 0;
  for (const addrinfo* address : InOrder(found, every_address)) {
    ListeningSocket socket(
        ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    code = socket.socket_ < 0
               ? errno
               : BindAndListen(socket.socket_, *address, every_address);
    if (code == 0 && socket.ReadName()) return socket;
    if (code != EAFNOSUPPORT && code != EADDRNOTAVAIL) break;
  }
  return Failed(text, code);
}

Result<ListeningSocket> ListeningSocket::Adopt(int socket) {
  ListeningSocket adopted(socket);
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      listening == 0 || !adopted.ReadName()) {
    adopted.Release();
    return Error{ErrorCode::kInvalidInput,
                 "inherited descriptor " + std::to_string(socket) +
                     " is not a listening TCP socket"};
  }
  SetInherited(socket);
  return adopted;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : socket_(other.Release()), is_ipv6_(other.is_ipv6_), port_(other.port_) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  ListeningSocket moved(std::move(other));
  std::swap(socket_, moved.socket_);
  is_ipv6_ = moved.is_ipv6_;
  port_ = moved.port_;
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (socket_ >= 0) ::close(socket_);
}

int ListeningSocket::Release() { return std::exchange(socket_, -1); }

bool ListeningSocket::ReadName() {
  sockaddr_in6 name{};
  socklen_t size = sizeof name;
  // A shorter IPv4 name has its family and port at the same places.
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &size) != 0)
    return false;
  is_ipv6_ = name.sin6_family == AF_INET6;
  port_ = ntohs(name.sin6_port);
  return is_ipv6_ || name.sin6_family == AF_INET;
}

}  // namespace serverspace::server
