#include "app/manager_socket.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace::app {

ManagerSocket::ManagerSocket(Kind kind)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  std::string name =
      std::filesystem::temp_directory_path() / "manager_socket.XXXXXX";
  // Its name is nobody else's in the kernel's name space either.
  directory_ = mkdtemp(name.data());
  const bool is_path = kind == Kind::kPath;
  address_ = is_path ? directory_ + "/notify" : "@" + directory_;
  sockaddr_un own{};
  own.sun_family = AF_UNIX;
  std::ranges::copy(address_, own.sun_path);
  if (!is_path) own.sun_path[0] = '\0';
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), size), 0);
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

ManagerSocket::~ManagerSocket() {
  ::close(socket_);
  std::filesystem::remove_all(directory_);
}

std::string ManagerSocket::Receive() const {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace serverspace::app
