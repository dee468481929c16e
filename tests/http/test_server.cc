#include "http/test_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/socket.h>
#include <utility>
#include <zlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace serverspace::http {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Passes on what is there to read; false at the end.
bool Pump(int from, int to) {
  std::array<char, 4096> buffer;
  const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
  return got > 0 && send(to, buffer.data(), static_cast<std::size_t>(got),
                         MSG_NOSIGNAL) == got;
}

/// OpenSSL writes without MSG_NOSIGNAL.
void BlockSigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

TestSession::TestSession(TestServer& server, UniqueFd socket, int number)
    : server_(server), socket_(std::move(socket)), number_(number) {}

TestSession::~TestSession() {
  std::lock_guard lock(server_.mutex_);
  std::erase(server_.open_, socket_.get());
}

void TestSession::AwaitData() {
  char byte = 0;
  recv(socket_.get(), &byte, 1, MSG_PEEK);
}

bool TestSession::Handshake(SSL_CTX* context) {
  ssl_ = {SSL_new(context), SSL_free};
  SSL_set_fd(ssl_.get(), socket_.get());
  ERR_clear_error();
  if (SSL_accept(ssl_.get()) != 1) return false;
  ++server_.handshakes_;
  return true;
}

std::string TestSession::ReadRequest() {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    const auto got = ssl_ != nullptr ? SSL_read(ssl_.get(), &byte, 1)
                                     : recv(socket_.get(), &byte, 1, 0);
    if (got <= 0) return {};
    head += byte;
  }
  std::lock_guard lock(server_.mutex_);
  server_.requests_.push_back(head);
  return head;
}

bool TestSession::Write(std::string_view bytes) {
  if (bytes.empty()) return true;
  const auto size = static_cast<int>(bytes.size());
  return ssl_ != nullptr ? SSL_write(ssl_.get(), bytes.data(), size) == size
                         : send(socket_.get(), bytes.data(), bytes.size(),
                                MSG_NOSIGNAL) == size;
}

void TestSession::SayGoodbye() { SSL_shutdown(ssl_.get()); }

void TestSession::Hang() {
  {
    std::lock_guard lock(server_.mutex_);
    server_.hanging_ = true;
    server_.changed_.notify_all();
  }
  // Ends when the client, or the server's destructor, shuts the socket down.
  std::array<char, 256> ignored;
  while (recv(socket_.get(), ignored.data(), ignored.size(), 0) > 0) continue;
}

void TestSession::Drip(std::string_view piece) {
  while (Write(piece)) {
    std::unique_lock lock(server_.mutex_);
    server_.hanging_ = true;
    server_.changed_.notify_all();
    if (server_.changed_.wait_for(lock, std::chrono::milliseconds(5),
                                  [this] { return server_.stopping_; })) {
      return;
    }
  }
}

void TestSession::RelayTo(std::uint16_t port) {
  const UniqueFd other(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(port);
  if (connect(other.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) != 0) {
    return;
  }
  while (true) {
    std::array<pollfd, 2> polled{
        {{socket_.get(), POLLIN, 0}, {other.get(), POLLIN, 0}}};
    poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0 && !Pump(socket_.get(), other.get())) return;
    if (polled[1].revents != 0 && !Pump(other.get(), socket_.get())) return;
  }
}

std::string TestSession::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

TestServer::TestServer(Script script)
    : script_(std::move(script)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_.get(), 256) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                  &size) != 0) {
    throw std::runtime_error("no test server");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { Accept(); });
}

TestServer::~TestServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  threads_.clear();
}

void TestServer::Accept() {
  while (true) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::lock_guard lock(mutex_);
    if (!socket.valid() || stopping_) return;
    // Else an answer waits for the acknowledgement of the session tickets.
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_.push_back(socket.get());
    const int number = ++connections_;
    auto session =
        std::make_unique<TestSession>(*this, std::move(socket), number);
    threads_.emplace_back([this, owned = std::move(session)]() mutable {
      BlockSigpipe();
      script_(*owned);
      owned.reset();
    });
  }
}

std::vector<std::string> TestServer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::AwaitHang() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return hanging_; });
}

std::string Answer(std::string_view body, std::string_view headers,
                   std::string_view status) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

TestServer::Script Answering(
    std::shared_ptr<SSL_CTX> context,
    std::function<std::string(const std::string& request)> answer) {
  return [context = std::move(context),
          answer = std::move(answer)](TestSession& session) {
    if (!session.Handshake(context.get())) return;
    while (true) {
      const std::string request = session.ReadRequest();
      if (request.empty() || !session.Write(answer(request))) return;
    }
  };
}

TestServer::Script Sending(std::shared_ptr<SSL_CTX> context, std::string bytes,
                           Leaving leaving) {
  return [context = std::move(context), bytes = std::move(bytes),
          leaving](TestSession& session) {
    if (!session.Handshake(context.get())) return;
    if (session.ReadRequest().empty() || !session.Write(bytes)) return;
    if (leaving == Leaving::kInOrder) session.SayGoodbye();
    if (leaving == Leaving::kNever) session.Hang();
  };
}

std::string Gzip(std::string_view text) {
  z_stream z{};
  deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + 15, 8,
               Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&z, text.size()), '\0');
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  deflate(&z, Z_FINISH);
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

}  // namespace serverspace::http
