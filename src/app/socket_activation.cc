#include "app/socket_activation.h"

#include <array>
#include <fcntl.h>
#include <netdb.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "base/number.h"

namespace serverspace::app {
namespace {

constexpr int kFirstDescriptor = 3;  // sd_listen_fds(3)
constexpr int kMostSockets = 64;

Error Wrong(std::string_view variable, std::string_view why) {
  return Error{ErrorCode::kInvalidInput,
               std::string(variable) + " " + std::string(why)};
}

}  // namespace

Result<std::vector<PassedSocket>> PassedSockets(const Environment& environment,
                                                pid_t self) {
  std::vector<PassedSocket> sockets;
  const auto pid = environment.Get("LISTEN_PID");
  const auto count_text = environment.Get("LISTEN_FDS");
  if (!pid || !count_text) return sockets;
  const auto owner = ParseNumber<pid_t>(*pid);
  if (!owner) return Wrong("LISTEN_PID", "is not a number");
  // They were meant for another process, from which the variables came down.
  if (*owner != self) return sockets;
  const auto count = ParseNumber<int>(*count_text);
  if (!count || *count < 0 || *count > kMostSockets)
    return Wrong("LISTEN_FDS", "is not a number from 0 to 64");

  std::string names = environment.Get("LISTEN_FDNAMES").value_or("");
  for (int i = 0; i < *count; ++i) {
    const std::size_t colon = names.find(':');
    PassedSocket socket{.descriptor = kFirstDescriptor + i,
                        .name = names.substr(0, colon)};
    names.erase(0, colon == std::string::npos ? colon : colon + 1);
    if (::fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC) != 0) {
      return Wrong("LISTEN_FDS", "counts descriptor " +
                                     std::to_string(socket.descriptor) +
                                     ", which is not open");
    }
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

Result<std::string> BoundAddress(const PassedSocket& socket) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  if (::getsockname(socket.descriptor, generic, &size) != 0 ||
      (name.ss_family != AF_INET && name.ss_family != AF_INET6) ||
      ::getnameinfo(generic, size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return Error{ErrorCode::kInvalidInput,
                 "descriptor " + std::to_string(socket.descriptor) +
                     (socket.name.empty() ? "" : " (" + socket.name + ")") +
                     " of the socket unit is no TCP socket"};
  }
  std::string text = host.data();
  if (name.ss_family == AF_INET6) text = "[" + text + "]";
  return text + ":" + port.data();
}

}  // namespace serverspace::app
