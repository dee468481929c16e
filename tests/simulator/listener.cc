#include "simulator/listener.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "simulator/connection.h"

namespace serverspace::sim {
namespace {

constexpr int kBacklog = 1024;
constexpr std::chrono::hours kForEver{24};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Address ParseAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    throw std::runtime_error("listen address must be HOST:PORT: " + text);
  Address address{.host = text.substr(0, colon)};
  if (address.host.size() >= 2 && address.host.front() == '[' &&
      address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const char* const end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || rest != end)
    throw std::runtime_error("listen address has no valid port: " + text);
  return address;
}

std::uint16_t BoundPort(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length);
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

}  // namespace

Listener::Listener(SSL_CTX* context, std::function<Admission()> admit,
                   std::function<void(Connection&)> serve)
    : context_(context), admit_(std::move(admit)), serve_(std::move(serve)) {}

Listener::~Listener() { Stop(); }

void Listener::Start(const std::string& address) {
  const Address parsed = ParseAddress(address);
  host_ = parsed.host;
  port_ = parsed.port;
  listen_descriptor_ = Bind();
  Listen();
  port_ = BoundPort(listen_descriptor_);
  wake_descriptor_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  acceptor_ =
      std::jthread([this](const std::stop_token& stop) { AcceptLoop(stop); });
}

int Listener::Bind() {
  const addrinfo hints{.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port_);
  if (getaddrinfo(host_.empty() ? nullptr : host_.c_str(), service.c_str(),
                  &hints, &found) != 0) {
    throw std::runtime_error("cannot resolve listen address " + host_);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found,
                                                                 &freeaddrinfo);
  const int descriptor = socket(
      found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) throw std::runtime_error("cannot make a socket");
  // SO_REUSEADDR for a quick restart; not SO_REUSEPORT, which would let two
  // simulators share a port unnoticed.
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(descriptor, found->ai_addr, found->ai_addrlen) != 0) {
    close(descriptor);
    throw std::runtime_error("cannot bind to " + host_ + ":" + service);
  }
  return descriptor;
}

void Listener::Listen() {
  if (listen(listen_descriptor_, kBacklog) == 0) return;
  throw std::runtime_error("cannot listen on " + host_ + ":" +
                           std::to_string(port_));
}

void Listener::Stop() {
  if (!acceptor_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  acceptor_.request_stop();
  eventfd_write(wake_descriptor_, 1);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    InterruptAll(open_);
    if (listen_descriptor_ >= 0) close(listen_descriptor_);
    listen_descriptor_ = -1;
  }
  workers_.clear();
  close(wake_descriptor_);
}

void Listener::Refuse(std::optional<std::chrono::milliseconds> duration) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || refusing_) return;
  // A bound socket that does not listen refuses, and keeps the port from being
  // given to somebody else meanwhile.
  // The shutdown matters: the accepting thread polls the old socket, which
  // would listen on until that returns.
  shutdown(listen_descriptor_, SHUT_RD);
  close(listen_descriptor_);
  listen_descriptor_ = Bind();
  refusing_ = true;
  if (duration) reopen_at_ = std::chrono::steady_clock::now() + *duration;
  eventfd_write(wake_descriptor_, 1);
}

void Listener::Reopen() {
  const std::lock_guard lock(mutex_);
  ReopenLocked();
  eventfd_write(wake_descriptor_, 1);
}

void Listener::ReopenLocked() {
  reopen_at_.reset();
  if (!refusing_ || stopping_) return;
  refusing_ = false;
  Listen();
}

int Listener::MillisecondsToReopen() const {
  if (!reopen_at_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      *reopen_at_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void Listener::AcceptLoop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd entries[2] = {
        {.fd = wake_descriptor_, .events = POLLIN, .revents = 0},
        {.fd = -1, .events = POLLIN, .revents = 0}};
    int limit_ms = -1;
    {
      const std::lock_guard lock(mutex_);
      if (MillisecondsToReopen() == 0) ReopenLocked();
      limit_ms = MillisecondsToReopen();
      entries[1].fd = refusing_ ? -1 : listen_descriptor_;
    }
    poll(entries, 2, limit_ms);
    if (entries[0].revents != 0) {
      eventfd_t ignored = 0;
      eventfd_read(wake_descriptor_, &ignored);
    }
    if (entries[1].revents != 0) AcceptOne();
    Reap();
  }
}

void Listener::AcceptOne() {
  int descriptor = -1;
  {
    const std::lock_guard lock(mutex_);
    if (refusing_) return;
    descriptor = accept4(listen_descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    ++counts_.accepted;
  }
  Worker& worker = workers_.emplace_back();
  worker.thread = std::jthread([this, descriptor, &worker] {
    Run(descriptor);
    worker.finished = true;
  });
}

void Listener::Run(int descriptor) {
  Connection connection(descriptor, context_);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    open_.insert(&connection);
  }
  switch (admit_()) {
    case Admission::kServe:
      if (connection.Handshake()) {
        {
          const std::lock_guard lock(mutex_);
          ++counts_.handshakes;
        }
        serve_(connection);
      }
      break;
    case Admission::kReset:
      connection.ResetOnClose();
      break;
    case Admission::kHangInHandshake: {
      const Phase phase(*this, connection, Phase::kHanging);
      connection.WaitForPeerToLeave(kForEver);
      break;
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(&connection);
}

void Listener::Reap() {
  workers_.remove_if(
      [](const Worker& worker) { return worker.finished.load(); });
}

void Listener::InterruptAll(
    const std::unordered_set<Connection*>& connections) {
  for (Connection* connection : connections) connection->Interrupt();
}

void Listener::CloseIdle() {
  const std::lock_guard lock(mutex_);
  InterruptAll(idle_);
}

void Listener::CloseHanging() {
  const std::lock_guard lock(mutex_);
  InterruptAll(hanging_);
}

Listener::Counts Listener::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.open = open_.size();
  return counts;
}

Listener::Phase::Phase(Listener& listener, Connection& connection, Kind kind)
    : listener_(listener), connection_(connection), kind_(kind) {
  const std::lock_guard lock(listener_.mutex_);
  (kind_ == kIdle ? listener_.idle_ : listener_.hanging_).insert(&connection_);
}

Listener::Phase::~Phase() {
  const std::lock_guard lock(listener_.mutex_);
  (kind_ == kIdle ? listener_.idle_ : listener_.hanging_).erase(&connection_);
}

}  // namespace serverspace::sim
