#include "http/tcp_connect.h"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include "http/failure.h"

namespace serverspace::http {
namespace {

constexpr unsigned kUnacknowledgedMs = 5000;

Result<UniqueFd, TransportError> ConnectOne(const std::string& address,
                                            std::uint16_t port, MonoTime until,
                                            const ExchangeLimits& limits) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints,
                  &found) != 0) {
    return Failure(Stage::kConnect, ErrorCode::kNetwork, "not an address");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found,
                                                                 &freeaddrinfo);
  UniqueFd socket(::socket(found->ai_family,
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return SystemFailure(Stage::kLocal, errno);
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // A kept connection whose path has silently gone would else cost the whole
  // deadline of the next request, which is repeated once it fails.
  setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMs,
             sizeof kUnacknowledgedMs);
  if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) == 0)
    return socket;
  if (errno != EINPROGRESS) return SystemFailure(Stage::kConnect, errno);

  const auto limit = limits.Wait(socket.get(), POLLOUT, until);
  if (limit.has_value()) return Interrupted(Stage::kConnect, *limit);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return SystemFailure(Stage::kConnect, error);
  return socket;
}

}  // namespace

Result<TcpConnection, TransportError> ConnectTcp(
    const std::vector<std::string>& addresses, std::uint16_t port,
    Duration patience, const Clock& clock, const ExchangeLimits& limits) {
  TransportError last =
      Failure(Stage::kConnect, ErrorCode::kNetwork, "no address");
  for (const std::string& address : addresses) {
    const auto limit = limits.Exceeded();
    if (limit.has_value()) return Interrupted(Stage::kConnect, *limit);
    auto socket = ConnectOne(address, port, clock.Mono() + patience, limits);
    if (socket.ok()) return TcpConnection{std::move(socket).value(), address};
    last = std::move(socket).error();
  }
  return last;
}

}  // namespace serverspace::http
