#include "server/listener_client.h"

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/text.h"
#include "http/socket_bio.h"

namespace serverspace::server {

ListenerClient::ListenerClient(std::uint16_t port, int receive_buffer_bytes,
                               bool over_ipv6)
    : socket_(::socket(over_ipv6 ? AF_INET6 : AF_INET,
                       SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  const auto* address = over_ipv6 ? reinterpret_cast<const sockaddr*>(&v6)
                                  : reinterpret_cast<const sockaddr*>(&v4);
  const socklen_t size = over_ipv6 ? sizeof v6 : sizeof v4;
  if (::connect(socket_, address, size) != 0)
    ::close(std::exchange(socket_, -1));
}

ListenerClient::ListenerClient(ListenerClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      method_(std::move(other.method_)),
      tls_(std::move(other.tls_)),
      unread_(std::move(other.unread_)),
      reset_(other.reset_) {}

ListenerClient::~ListenerClient() {
  tls_.reset();
  if (socket_ >= 0) ::close(socket_);
}

bool ListenerClient::StartTls(SSL_CTX* context, SSL_SESSION* resumed) {
  if (!connected()) return false;
  ERR_clear_error();
  method_.reset(http::MakeSocketMethod(), BIO_meth_free);
  tls_.reset(SSL_new(context), SSL_free);
  BIO* bio = http::NewSocketBio(method_.get(), socket_);
  SSL_set_bio(tls_.get(), bio, bio);
  if (resumed != nullptr) SSL_set_session(tls_.get(), resumed);
  if (SSL_connect(tls_.get()) == 1) return true;
  tls_.reset();
  return false;
}

bool ListenerClient::Send(std::string_view text) {
  while (!text.empty() && tls_ != nullptr) {
    ERR_clear_error();
    std::size_t sent = 0;
    if (SSL_write_ex(tls_.get(), text.data(), text.size(), &sent) != 1)
      return false;
    text.remove_prefix(sent);
  }
  while (!text.empty()) {
    const ssize_t sent =
        ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ListenerClient::Get(std::string_view target, std::string_view headers,
                         std::string_view method) {
  return Send(std::string(method) + " " + std::string(target) +
              " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
              "\r\n");
}

std::optional<Answer> ListenerClient::Read(bool without_body) {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == unread_.npos) {
    if (!Fill()) return std::nullopt;
  }
  const std::string head = unread_.substr(0, end + 2);
  unread_.erase(0, end + 4);
  if (!head.starts_with("HTTP/1.1 ")) return std::nullopt;
  Answer answer;
  answer.status = std::stoi(head.substr(9, 3));
  std::size_t line = head.find("\r\n") + 2;
  while (line < head.size()) {
    const std::size_t colon = head.find(':', line);
    const std::size_t next = head.find("\r\n", line);
    answer.headers[ToLower(head.substr(line, colon - line))] =
        std::string(Trim(head.substr(colon + 1, next - colon - 1)));
    line = next + 2;
  }
  const auto length = answer.headers.find("content-length");
  if (without_body || length == answer.headers.end()) return answer;
  const std::size_t size = std::stoul(length->second);
  while (unread_.size() < size) {
    if (!Fill()) return std::nullopt;
  }
  answer.body = unread_.substr(0, size);
  unread_.erase(0, size);
  return answer;
}

std::string ListenerClient::ReadSome(std::size_t size) {
  if (unread_.empty()) Fill();
  const std::string text = unread_.substr(0, size);
  unread_.erase(0, text.size());
  return text;
}

bool ListenerClient::AtEnd() {
  while (Fill()) unread_.clear();
  return !reset_ && unread_.empty();
}

void ListenerClient::CloseSend() { ::shutdown(socket_, SHUT_WR); }

bool ListenerClient::Fill() {
  char buffer[16 * 1024];
  if (tls_ != nullptr) {
    ERR_clear_error();
    std::size_t got = 0;
    errno = 0;
    if (SSL_read_ex(tls_.get(), buffer, sizeof buffer, &got) != 1) {
      // Whether it said goodbye or not; a reset or a timeout is another matter.
      reset_ |= errno != 0;
      return false;
    }
    unread_.append(buffer, got);
    return true;
  }
  const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
  if (got < 0) reset_ = true;
  if (got <= 0) return false;
  unread_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

}  // namespace serverspace::server
