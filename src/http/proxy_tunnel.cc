#include "http/proxy_tunnel.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>

#include <openssl/evp.h>

#include "base/number.h"
#include "http/failure.h"

namespace serverspace::http {
namespace {

constexpr std::size_t kMaxHeadBytes = 16 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string Base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

Result<void, TransportError> Send(int socket, std::string_view bytes,
                                  const ExchangeLimits& limits) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR)
      return SystemFailure(Stage::kConnect, errno);
    const auto limit = limits.Wait(socket, POLLOUT);
    if (limit.has_value()) return Interrupted(Stage::kConnect, *limit);
  }
  return {};
}

/// All that comes up to the end of the head. In a tunnel the client speaks
/// first, so nothing of the tunnel can be in it.
Result<std::string, TransportError> ReceiveHead(int socket,
                                                const ExchangeLimits& limits) {
  std::string head;
  while (!head.ends_with(kHeadEnd)) {
    const auto limit = limits.Wait(socket, POLLIN);
    if (limit.has_value()) return Interrupted(Stage::kConnect, *limit);
    std::array<char, 4096> buffer;
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return SystemFailure(Stage::kConnect, errno);
    if (got == 0) {
      return Failure(Stage::kConnect, ErrorCode::kNetwork,
                     "it closed the connection");
    }
    head.append(buffer.data(), static_cast<std::size_t>(got));
    // A refusal has a body after its head; the status is all that we want.
    if (head.find(kHeadEnd) != std::string::npos) break;
    if (head.size() > kMaxHeadBytes) {
      return Failure(Stage::kConnect, ErrorCode::kNetwork,
                     "its answer is too long");
    }
  }
  return head;
}

/// The three digits of `HTTP/1.x 200 ...`, or 0.
int StatusOf(std::string_view head) {
  constexpr std::size_t kStatusAt = std::string_view("HTTP/1.x ").size();
  if (!head.starts_with("HTTP/1.") || head.size() <= kStatusAt + 3) return 0;
  return ParseNumber<int>(head.substr(kStatusAt, 3)).value_or(0);
}

}  // namespace

Result<void, TransportError> OpenTunnel(int socket, const std::string& target,
                                        const Proxy& proxy,
                                        const ExchangeLimits& limits) {
  std::string request =
      "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.credentials.empty()) {
    request += "Proxy-Authorization: Basic " +
               Base64(proxy.credentials.Reveal()) + "\r\n";
  }
  request += "\r\n";
  auto sent = Send(socket, request, limits);
  if (!sent.ok()) return sent;
  const auto head = ReceiveHead(socket, limits);
  if (!head.ok()) return head.error();
  const int status = StatusOf(head.value());
  if (status >= 200 && status < 300) {
    if (head.value().ends_with(kHeadEnd)) return {};
    return Failure(Stage::kConnect, ErrorCode::kNetwork,
                   "it spoke out of turn");
  }
  if (status == 0) {
    return Failure(Stage::kConnect, ErrorCode::kNetwork, "it speaks no HTTP");
  }
  std::string cause =
      "it refused the tunnel with status " + std::to_string(status);
  constexpr int kProxyAuthenticationRequired = 407;
  if (status == kProxyAuthenticationRequired)
    cause += proxy.credentials.empty() ? ": it wants a user and a password"
                                       : ": wrong user or password";
  return Failure(Stage::kConnect, ErrorCode::kNetwork, cause);
}

}  // namespace serverspace::http
