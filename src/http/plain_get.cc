#include "http/plain_get.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include "http/address_book.h"
#include "http/exchange_limits.h"
#include "http/failure.h"
#include "http/resolver.h"
#include "http/tcp_connect.h"

namespace serverspace::http {
namespace {

constexpr std::string_view kScheme = "http://";
/// `HTTP/1.1 200`.
constexpr std::size_t kStatusEnd = 12;
constexpr std::size_t kStatusBegin = 9;

TransportError NoHttp() {
  return Failure(Stage::kExchange, ErrorCode::kBadResponse,
                 "the answer is no HTTP");
}

Result<std::vector<std::string>, TransportError> Addresses(
    const std::string& host) {
  if (IsAddress(host)) return std::vector<std::string>{host};
  auto found = SystemResolver().Resolve(host);
  if (!found.ok())
    return TransportError{std::move(found).error(), Stage::kResolve};
  return std::move(found).value();
}

Result<void, TransportError> Send(int socket, std::string_view text,
                                  const ExchangeLimits& limits) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (const auto limit = limits.Wait(socket, POLLOUT))
        return Interrupted(Stage::kExchange, *limit);
    } else if (errno != EINTR) {
      return SystemFailure(Stage::kExchange, errno);
    }
  }
  return {};
}

Result<int, TransportError> ReadStatus(int socket,
                                       const ExchangeLimits& limits) {
  std::array<char, kStatusEnd> start{};
  std::size_t size = 0;
  while (size < start.size()) {
    const ssize_t got =
        ::recv(socket, start.data() + size, start.size() - size, 0);
    if (got > 0) {
      size += static_cast<std::size_t>(got);
    } else if (got == 0) {
      return NoHttp();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (const auto limit = limits.Wait(socket, POLLIN))
        return Interrupted(Stage::kExchange, *limit);
    } else if (errno != EINTR) {
      return SystemFailure(Stage::kExchange, errno);
    }
  }
  const std::string_view line(start.data(), start.size());
  int status = 0;
  const auto [end, failure] = std::from_chars(
      start.data() + kStatusBegin, start.data() + kStatusEnd, status);
  if (!line.starts_with("HTTP/1.") || failure != std::errc() ||
      end != start.data() + kStatusEnd) {
    return NoHttp();
  }
  return status;
}

Result<int, TransportError> Exchange(const PlainUrl& url, MonoTime deadline,
                                     const Clock& clock) {
  const auto addresses = Addresses(url.host);
  if (!addresses.ok()) return addresses.error();
  auto limits = ExchangeLimits::Create(clock, deadline, {});
  if (!limits.ok()) return std::move(limits).error();
  const auto connection =
      ConnectTcp(addresses.value(), url.port, deadline - clock.Mono(), clock,
                 *limits.value());
  if (!connection.ok()) return connection.error();
  const int socket = connection.value().socket.get();
  const auto sent =
      Send(socket,
           "GET " + url.path + " HTTP/1.1\r\nHost: " + url.Authority() +
               "\r\nConnection: close\r\n\r\n",
           *limits.value());
  if (!sent.ok()) return sent.error();
  return ReadStatus(socket, *limits.value());
}

}  // namespace

std::string PlainUrl::Authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<PlainUrl> ParsePlainUrl(std::string_view text) {
  const auto invalid = [](std::string_view why) {
    return Error{ErrorCode::kInvalidInput, std::string(why)};
  };
  if (!text.starts_with(kScheme)) return invalid("must begin with http://");
  text.remove_prefix(kScheme.size());
  for (const char c : text) {
    if (c <= ' ' || c > '~')
      return invalid("must be printable ASCII without spaces");
  }
  PlainUrl url;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  std::string_view authority = text.substr(0, slash);
  if (authority.find_first_of("@?#") != std::string_view::npos)
    return invalid("must be http://HOST:PORT/PATH");

  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos &&
      (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, failure] =
        std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (port.empty() || failure != std::errc() ||
        end != port.data() + port.size() || url.port == 0)
      return invalid("the port must be a number from 1 to 65535");
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  } else if (authority.find_first_of(":[]") != std::string_view::npos) {
    return invalid("an IPv6 address goes in brackets");
  }
  if (authority.empty()) return invalid("has no host");
  url.host = authority;
  return url;
}

Result<int> GetPlainStatus(const PlainUrl& url, MonoTime deadline,
                           const Clock& clock) {
  auto status = Exchange(url, deadline, clock);
  if (status.ok()) return status.value();
  return WithContext(std::move(status).error(), url.Authority()).error;
}

}  // namespace serverspace::http
