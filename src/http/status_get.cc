#include "http/status_get.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/number.h"
#include "http/address_book.h"
#include "http/exchange_limits.h"
#include "http/failure.h"
#include "http/resolver.h"
#include "http/socket_bio.h"
#include "http/tcp_connect.h"

namespace serverspace::http {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kTlsScheme = "https://";
constexpr std::uint16_t kTlsPort = 443;
constexpr std::size_t kMaxStatusLineBytes = 256;

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

/// Bytes over a connected, non-blocking socket, with or without TLS.
class Channel {
 public:
  Channel(int socket, const ExchangeLimits& limits)
      : socket_(socket), limits_(limits) {}

  Result<void, TransportError> StartTls() {
    method_.reset(MakeSocketMethod());
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (context_ == nullptr) throw std::bad_alloc();
    ssl_.reset(SSL_new(context_.get()));
    if (ssl_ == nullptr) throw std::bad_alloc();
    BIO* bio = NewSocketBio(method_.get(), socket_);
    SSL_set_bio(ssl_.get(), bio, bio);
    return Repeat([this] { return SSL_connect(ssl_.get()); });
  }

  Result<void, TransportError> Send(std::string_view text) {
    while (!text.empty()) {
      std::size_t sent = 0;
      auto done = ssl_ != nullptr ? Repeat([&] {
        return SSL_write_ex(ssl_.get(), text.data(), text.size(), &sent);
      })
                                  : SendPlain(text, sent);
      if (!done.ok()) return done;
      text.remove_prefix(sent);
    }
    return {};
  }

  /// Some bytes, or 0 at the end.
  Result<std::size_t, TransportError> Receive(std::span<char> buffer) {
    std::size_t got = 0;
    auto done = ssl_ != nullptr ? Repeat([&] {
      const int status =
          SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
      const bool at_end =
          SSL_get_error(ssl_.get(), status) == SSL_ERROR_ZERO_RETURN;
      return at_end ? 1 : status;
    })
                                : ReceivePlain(buffer, got);
    if (!done.ok()) return std::move(done).error();
    return got;
  }

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
    void operator()(ssl_st* ssl) const { SSL_free(ssl); }
    void operator()(bio_method_st* method) const { BIO_meth_free(method); }
  };

  /// Until the operation has succeeded.
  template <typename Operation>
  Result<void, TransportError> Repeat(const Operation& operation) {
    for (;;) {
      ERR_clear_error();
      const int status = operation();
      if (status == 1) return {};
      const int error = SSL_get_error(ssl_.get(), status);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return TlsFailure();
      if (const auto limit = limits_.Wait(
              socket_, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) {
        return Interrupted(Stage::kTls, *limit);
      }
    }
  }

  static TransportError TlsFailure() {
    const int reason = ERR_GET_REASON(ERR_peek_error());
    ERR_clear_error();
    if (reason == SSL_R_WRONG_VERSION_NUMBER ||
        reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
      return Failure(Stage::kTls, ErrorCode::kBadResponse, "it speaks no TLS");
    }
    if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED) {
      return Failure(Stage::kTls, ErrorCode::kTls,
                     "it demands a client certificate");
    }
    return Failure(Stage::kTls, ErrorCode::kTls,
                   "it ended the TLS connection; perhaps it demands a client "
                   "certificate");
  }

  Result<void, TransportError> SendPlain(std::string_view text,
                                         std::size_t& sent) {
    for (;;) {
      const ssize_t done =
          ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (done > 0) {
        sent = static_cast<std::size_t>(done);
        return {};
      }
      auto waited = AwaitPlain(POLLOUT);
      if (!waited.ok()) return waited;
    }
  }

  Result<void, TransportError> ReceivePlain(std::span<char> buffer,
                                            std::size_t& got) {
    for (;;) {
      const ssize_t done = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (done >= 0) {
        got = static_cast<std::size_t>(done);
        return {};
      }
      auto waited = AwaitPlain(POLLIN);
      if (!waited.ok()) return waited;
    }
  }

  /// After an operation that failed with errno.
  Result<void, TransportError> AwaitPlain(short events) {
    if (errno == EINTR) return {};
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      return SystemFailure(Stage::kExchange, errno);
    if (const auto limit = limits_.Wait(socket_, events))
      return Interrupted(Stage::kExchange, *limit);
    return {};
  }

  const int socket_;
  const ExchangeLimits& limits_;
  std::unique_ptr<bio_method_st, Deleter> method_;
  std::unique_ptr<ssl_ctx_st, Deleter> context_;
  std::unique_ptr<ssl_st, Deleter> ssl_;
};

/// The three digits of `HTTP/1.1 200 OK` (RFC 9112, section 4).
std::optional<int> ParseStatusLine(std::string_view line) {
  constexpr std::size_t kStatusBegin = 9;
  constexpr std::size_t kStatusEnd = 12;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_one =
      line.size() >= kStatusEnd && line.starts_with("HTTP/1.") &&
      is_digit(line[kStatusBegin - 2]) && line[kStatusBegin - 1] == ' ' &&
      std::ranges::all_of(line.substr(kStatusBegin, 3), is_digit) &&
      (line.size() == kStatusEnd || line[kStatusEnd] == ' ');
  if (!is_one) return std::nullopt;
  const auto status = ParseNumber<int>(line.substr(kStatusBegin, 3));
  if (!status || *status < 100 || *status > 599) return std::nullopt;
  return status;
}

Result<int, TransportError> ReadStatus(Channel& channel) {
  std::array<char, kMaxStatusLineBytes> start{};
  std::size_t size = 0;
  while (size < start.size()) {
    const auto got = channel.Receive(std::span(start).subspan(size));
    if (!got.ok()) return got.error();
    if (got.value() == 0) return NoHttp();
    size += got.value();
    const std::string_view text(start.data(), size);
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) continue;
    const auto status = ParseStatusLine(text.substr(0, end));
    if (!status) return NoHttp();
    return *status;
  }
  return NoHttp();
}

Result<int, TransportError> Exchange(const PageUrl& url,
                                     const std::string& authorization,
                                     MonoTime deadline, const Clock& clock) {
  const auto addresses = Addresses(url.host);
  if (!addresses.ok()) return addresses.error();
  auto limits = ExchangeLimits::Create(clock, deadline, {});
  if (!limits.ok()) return std::move(limits).error();
  const auto connection =
      ConnectTcp(addresses.value(), url.port, deadline - clock.Mono(), clock,
                 *limits.value());
  if (!connection.ok()) return connection.error();
  Channel channel(connection.value().socket.get(), *limits.value());
  if (url.tls) {
    auto secured = channel.StartTls();
    if (!secured.ok()) return std::move(secured).error();
  }
  std::string request = "GET " + url.path +
                        " HTTP/1.1\r\nHost: " + url.Authority() +
                        "\r\nConnection: close\r\n";
  if (!authorization.empty())
    request += "Authorization: " + authorization + "\r\n";
  auto sent = channel.Send(request + "\r\n");
  if (!sent.ok()) return std::move(sent).error();
  return ReadStatus(channel);
}

}  // namespace

std::string PageUrl::Authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<PageUrl> ParsePageUrl(std::string_view text) {
  const auto invalid = [](std::string_view why) {
    return Error{ErrorCode::kInvalidInput, std::string(why)};
  };
  PageUrl url;
  url.tls = text.starts_with(kTlsScheme);
  if (!url.tls && !text.starts_with(kScheme))
    return invalid("must begin with http:// or https://");
  text.remove_prefix(url.tls ? kTlsScheme.size() : kScheme.size());
  if (url.tls) url.port = kTlsPort;
  for (const char c : text) {
    if (c <= ' ' || c > '~')
      return invalid("must be printable ASCII without spaces");
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  std::string_view authority = text.substr(0, slash);
  if (authority.find_first_of("@?#") != std::string_view::npos)
    return invalid("must be http://HOST:PORT/PATH");

  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos &&
      (bracket == std::string_view::npos || colon > bracket)) {
    const auto port = ParseNumber<std::uint16_t>(authority.substr(colon + 1));
    if (port.value_or(0) == 0)
      return invalid("the port must be a number from 1 to 65535");
    url.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
    if (authority.find(':') == std::string_view::npos)
      return invalid("brackets are for IPv6 addresses");
  } else if (authority.find(':') != std::string_view::npos) {
    return invalid("an IPv6 address goes in brackets");
  }
  if (authority.find_first_of("[]") != std::string_view::npos)
    return invalid("has a bracket too many");
  if (authority.empty()) return invalid("has no host");
  url.host = authority;
  return url;
}

Result<int> GetStatus(const PageUrl& url, const std::string& authorization,
                      MonoTime deadline, const Clock& clock) {
  auto status = Exchange(url, authorization, deadline, clock);
  if (status.ok()) return status.value();
  return WithContext(std::move(status).error(), url.Authority()).error;
}

}  // namespace serverspace::http
