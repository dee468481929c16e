#include "simulator/connection.h"

#include <algorithm>
#include <limits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace serverspace::sim {
namespace {

// A peer that neither reads nor leaves must not keep a thread for ever.
constexpr int kSocketTimeoutSeconds = 120;

}  // namespace

void Connection::SslDeleter::operator()(SSL* ssl) const { SSL_free(ssl); }

Connection::Connection(int descriptor, SSL_CTX* context)
    : descriptor_(descriptor), ssl_(SSL_new(context)) {
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const timeval limit{.tv_sec = kSocketTimeoutSeconds, .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  SSL_set_fd(ssl_.get(), descriptor_);
}

Connection::~Connection() { close(descriptor_); }

bool Connection::Handshake() {
  ERR_clear_error();
  return SSL_accept(ssl_.get()) == 1;
}

bool Connection::WaitReadable(Milliseconds limit) {
  if (SSL_pending(ssl_.get()) > 0) return true;
  pollfd entry{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, static_cast<int>(limit.count())) == 1 &&
         (entry.revents & POLLIN) != 0;
}

long Connection::Read(char* data, std::size_t size) {
  ERR_clear_error();
  return SSL_read(ssl_.get(), data,
                  static_cast<int>(std::min<std::size_t>(
                      size, std::numeric_limits<int>::max())));
}

bool Connection::Write(std::string_view bytes) {
  // Pieces of this size bound what one call may block for.
  constexpr std::size_t kPieceBytes = 256 * 1024;
  while (!bytes.empty()) {
    ERR_clear_error();
    const int written =
        SSL_write(ssl_.get(), bytes.data(),
                  static_cast<int>(std::min(bytes.size(), kPieceBytes)));
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool Connection::WaitForPeerToLeave(Milliseconds limit) {
  pollfd entry{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};
  return poll(&entry, 1, static_cast<int>(limit.count())) != 0;
}

void Connection::CloseInOrder() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void Connection::ResetOnClose() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

void Connection::Interrupt() { shutdown(descriptor_, SHUT_RDWR); }

}  // namespace serverspace::sim
