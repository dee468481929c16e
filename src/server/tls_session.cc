#include "server/tls_session.h"

#include <new>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/socket_bio.h"

namespace serverspace::server {

void TlsSession::Deleter::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(std::shared_ptr<const TlsServerContext> context,
                       int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())) {
  if (ssl_ == nullptr) throw std::bad_alloc();
  BIO* bio = http::NewSocketBio(context_->socket_method(), socket);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() { Close(); }

TlsSession::Step TlsSession::Handshake() {
  ERR_clear_error();
  const int status = SSL_do_handshake(ssl_.get());
  if (status != 1) return After(status);
  usable_ = true;
  return Step::kDone;
}

TlsSession::Step TlsSession::Read(std::span<char> buffer, std::size_t& got) {
  ERR_clear_error();
  return After(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got));
}

TlsSession::Step TlsSession::Write(std::string_view bytes, std::size_t& sent) {
  ERR_clear_error();
  return After(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent));
}

void TlsSession::Close() {
  if (!std::exchange(usable_, false)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsSession::client_verified() const {
  return context_->verifies_clients() &&
         SSL_get0_peer_certificate(ssl_.get()) != nullptr &&
         SSL_get_verify_result(ssl_.get()) == X509_V_OK;
}

TlsSession::Step TlsSession::After(int status) {
  if (status == 1) return Step::kDone;
  const int error = SSL_get_error(ssl_.get(), status);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return Step::kWantRead;
  if (error == SSL_ERROR_WANT_WRITE) return Step::kWantWrite;
  if (error != SSL_ERROR_ZERO_RETURN) usable_ = false;
  return Step::kEnded;
}

}  // namespace serverspace::server
