#include "http/tls_channel.h"

#include <cerrno>
#include <new>
#include <poll.h>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/address_book.h"
#include "http/failure.h"
#include "http/socket_bio.h"

namespace serverspace::http {
namespace {

/// What SSL_set_tlsext_host_name() does, without its C cast.
bool SetServerName(SSL* ssl, const std::string& name) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(name.c_str())) == 1;
}

/// What most likely stands there instead of the API.
std::string_view HandshakeCause(int reason) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return "the other side speaks no TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "the other side speaks no TLS 1.2 or newer";
    default:
      return "handshake failed";
  }
}

}  // namespace

void TlsChannel::Deleter::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsChannel::TlsChannel(UniqueFd socket,
                       std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)),
      socket_(std::move(socket)),
      ssl_(SSL_new(context_->native())) {
  if (ssl_ == nullptr) throw std::bad_alloc();
  BIO* bio = NewSocketBio(context_->socket_method(), socket_.get());
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsChannel::~TlsChannel() {
  ERR_clear_error();
  if (usable_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Result<std::unique_ptr<TlsChannel>, TransportError> TlsChannel::Open(
    UniqueFd socket, std::shared_ptr<const TlsContext> context,
    const std::string& host, const ExchangeLimits& limits) {
  std::unique_ptr<TlsChannel> channel(
      new TlsChannel(std::move(socket), std::move(context)));
  auto done = channel->Handshake(host, limits);
  if (!done.ok()) return std::move(done).error();
  return channel;
}

Result<void, TransportError> TlsChannel::Handshake(
    const std::string& host, const ExchangeLimits& limits) {
  // The strictest reading of RFC 9525: no common names, and a wildcard is a
  // whole label. An address goes into no server name (RFC 6066, 3).
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(verify,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool named =
      IsAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) == 1
                      : X509_VERIFY_PARAM_set1_host(verify, host.data(),
                                                    host.size()) == 1 &&
                            SetServerName(ssl_.get(), host);
  if (!named) {
    return Failure(Stage::kTls, ErrorCode::kTls,
                   "no certificate can be for this host name");
  }
  while (true) {
    ERR_clear_error();
    const int status = SSL_connect(ssl_.get());
    if (status == 1) break;
    auto recovered = Recover(status, Stage::kTls, limits);
    if (!recovered.ok()) return recovered;
  }
  usable_ = true;
  return {};
}

Result<void, TransportError> TlsChannel::Recover(int status, Stage stage,
                                                 const ExchangeLimits& limits) {
  const int error_number = errno;
  const int error = SSL_get_error(ssl_.get(), status);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    const auto limit = limits.Wait(
        socket_.get(), error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
    if (limit.has_value()) return Interrupted(stage, *limit);
    return {};
  }
  usable_ = false;
  if (error == SSL_ERROR_SYSCALL && error_number != 0)
    return SystemFailure(stage, error_number);
  if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN) {
    return Failure(stage, ErrorCode::kNetwork,
                   "the connection was closed too early");
  }
  const int reason = ERR_GET_REASON(ERR_peek_error());
  ERR_clear_error();
  const long verified = SSL_get_verify_result(ssl_.get());
  if (stage == Stage::kTls && verified != X509_V_OK) {
    return Failure(stage, ErrorCode::kTls,
                   X509_verify_cert_error_string(verified));
  }
  return Failure(
      stage, ErrorCode::kTls,
      stage == Stage::kTls ? HandshakeCause(reason) : "the encryption failed");
}

Result<std::size_t, TransportError> TlsChannel::Read(
    std::span<char> buffer, const ExchangeLimits& limits) {
  while (true) {
    // A peer that always has a byte ready never lets us wait.
    const auto limit = limits.Exceeded();
    if (limit.has_value()) return Interrupted(Stage::kExchange, *limit);
    ERR_clear_error();
    std::size_t got = 0;
    const int status =
        SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
    if (status == 1) return got;
    if (SSL_get_error(ssl_.get(), status) == SSL_ERROR_ZERO_RETURN)
      return std::size_t{0};
    auto recovered = Recover(status, Stage::kExchange, limits);
    if (!recovered.ok()) return std::move(recovered).error();
  }
}

Result<void, TransportError> TlsChannel::Write(std::string_view bytes,
                                               const ExchangeLimits& limits) {
  while (!bytes.empty()) {
    const auto limit = limits.Exceeded();
    if (limit.has_value()) return Interrupted(Stage::kExchange, *limit);
    ERR_clear_error();
    std::size_t sent = 0;
    const int status =
        SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
    if (status == 1) {
      bytes.remove_prefix(sent);
      continue;
    }
    auto recovered = Recover(status, Stage::kExchange, limits);
    if (!recovered.ok()) return recovered;
  }
  return {};
}

bool TlsChannel::IsQuiet() {
  // Reading also takes the session tickets of TLS 1.3 off the wire, which are
  // no sign of anything.
  ERR_clear_error();
  char byte = 0;
  const int status = SSL_peek(ssl_.get(), &byte, 1);
  const bool quiet =
      status <= 0 && SSL_get_error(ssl_.get(), status) == SSL_ERROR_WANT_READ;
  if (!quiet && status <= 0) {
    usable_ = SSL_get_error(ssl_.get(), status) == SSL_ERROR_ZERO_RETURN;
  }
  ERR_clear_error();
  return quiet;
}

}  // namespace serverspace::http
