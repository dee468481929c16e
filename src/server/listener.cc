#include "server/listener.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <tuple>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/access_queue.h"
#include "server/http_request_parser.h"
#include "server/http_response_head.h"
#include "server/listener_connections.h"
#include "server/listener_counters.h"
#include "server/listener_gather.h"
#include "server/listener_helper.h"
#include "server/listener_socket.h"
#include "server/listener_unsent.h"
#include "server/tls_session.h"

namespace serverspace::server {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using ErrorOf = boost::system::error_code;
using Phase = ConnectionList::Phase;

constexpr std::size_t kFirstBufferBytes = 1024;
// After this much without a wait, the others get a turn.
constexpr std::size_t kTurnBytes = 1024 * 1024;
constexpr auto kSweepInterval = std::chrono::milliseconds(500);
constexpr auto kStopGrace = std::chrono::seconds(1);
// Closing with unread input resets the connection, and the reset can overtake
// our answer: read this much away first (RFC 9112, section 9.6).
constexpr std::size_t kDrainBytes = 64 * 1024;
constexpr auto kDrainTime = std::chrono::seconds(1);
// Retried at once, an accept that lacks a descriptor would burn a core.
constexpr auto kAcceptPause = std::chrono::milliseconds(2);
constexpr std::size_t kEndedPerShortage = 8;
constexpr std::size_t kSpareDescriptors = 64;
// The first byte of every TLS connection: a handshake record (RFC 8446, 5.1).
constexpr char kTlsHandshakeByte = 0x16;
constexpr auto kFirstWriteMinute = std::chrono::seconds(60);

std::size_t ConnectionLimit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY) {
    return wanted;
  }
  const std::size_t all = limit.rlim_cur;
  return std::max<std::size_t>(
      std::min(wanted,
               all > 2 * kSpareDescriptors ? all - kSpareDescriptors : all / 2),
      1);
}

std::string AddressText(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

/// A place in the list, given back at the end.
class Membership {
 public:
  Membership(ConnectionList& list, ConnectionList::Handle handle)
      : list_(&list), handle_(handle) {}
  Membership(Membership&& other) noexcept
      : list_(std::exchange(other.list_, nullptr)), handle_(other.handle_) {}
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership() {
    if (list_ != nullptr) list_->Remove(handle_);
  }

  bool Update(Phase phase, MonoTime now, MonoTime deadline) {
    return list_->Update(handle_, phase, now, deadline);
  }

 private:
  ConnectionList* list_;
  ConnectionList::Handle handle_;
};

/// An accepted connection. The list must forget the descriptor before it is
/// closed, which the order of the members sees to.
struct Connection {
  tcp::socket socket;
  Membership membership;
  std::string peer;
};

/// Bytes over plain TCP. What a session needs of a stream is these functions.
class PlainStream {
 public:
  /// A socket takes what fits, however much it is offered.
  static constexpr std::size_t kEnoughBytes = SIZE_MAX;

  explicit PlainStream(tcp::socket& socket) : socket_(socket) {}

  awaitable<std::size_t> Read(std::span<char> buffer, ErrorOf& error) {
    co_return co_await socket_.async_read_some(
        asio::buffer(buffer.data(), buffer.size()),
        redirect_error(use_awaitable, error));
  }

  /// As much as goes without waiting: 0 without an error if that is nothing.
  std::size_t WriteSome(std::span<iovec> pieces, ErrorOf& error) {
    // Beside asio, whose adapters copy the pieces once more and set the socket
    // up for each call.
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    for (;;) {
      const ssize_t sent = ::sendmsg(socket_.native_handle(), &message,
                                     MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK)
        error = ErrorOf(errno, boost::system::system_category());
      return 0;
    }
  }

  awaitable<void> WaitWritable(ErrorOf& error) {
    co_await socket_.async_wait(tcp::socket::wait_write,
                                redirect_error(use_awaitable, error));
  }

  void ShutdownSend() {
    ErrorOf ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  int socket() const { return socket_.native_handle(); }
  bool client_verified() const { return false; }

 private:
  tcp::socket& socket_;
};

/// The same over TLS.
class TlsStream {
 public:
  /// One record (RFC 8446, 5.1).
  static constexpr std::size_t kEnoughBytes = 16 * 1024;

  TlsStream(tcp::socket& socket,
            std::shared_ptr<const TlsServerContext> context)
      : socket_(&socket),
        session_(std::make_unique<TlsSession>(std::move(context),
                                              socket.native_handle())) {}

  awaitable<bool> Handshake() {
    for (;;) {
      const Step step = session_->Handshake();
      if (step == Step::kDone) co_return true;
      if (step == Step::kEnded) co_return false;
      ErrorOf error;
      co_await Wait(step, error);
      if (error) co_return false;
    }
  }

  awaitable<std::size_t> Read(std::span<char> buffer, ErrorOf& error) {
    bool waited = false;
    for (;;) {
      std::size_t got = 0;
      const Step step = session_->Read(buffer, got);
      if (step == Step::kDone) {
        // What was decrypted before has not let others have their turn.
        if (!waited)
          co_await asio::post(socket_->get_executor(), use_awaitable);
        co_return got;
      }
      if (step == Step::kEnded) error = asio::error::eof;
      if (!error) co_await Wait(step, error);
      if (error) co_return 0;
      waited = true;
    }
  }

  /// One record. The pieces are put together, as each would cost a record and
  /// a system call of its own.
  std::size_t WriteSome(std::span<iovec> pieces, ErrorOf& error) {
    std::array<char, kEnoughBytes> record;
    std::size_t size = 0;
    for (const iovec& piece : pieces) {
      const std::size_t part = std::min(piece.iov_len, record.size() - size);
      std::memcpy(record.data() + size, piece.iov_base, part);
      size += part;
      if (size == record.size()) break;
    }
    std::size_t sent = 0;
    wanted_ = session_->Write({record.data(), size}, sent);
    if (wanted_ == Step::kEnded) error = asio::error::connection_reset;
    return sent;
  }

  awaitable<void> WaitWritable(ErrorOf& error) {
    co_await Wait(wanted_, error);
  }

  void ShutdownSend() {
    session_->Close();
    ErrorOf ignored;
    socket_->shutdown(tcp::socket::shutdown_send, ignored);
  }

  int socket() const { return socket_->native_handle(); }
  bool client_verified() const { return session_->client_verified(); }

 private:
  using Step = TlsSession::Step;

  awaitable<void> Wait(Step step, ErrorOf& error) {
    co_await socket_->async_wait(step == Step::kWantRead
                                     ? tcp::socket::wait_read
                                     : tcp::socket::wait_write,
                                 redirect_error(use_awaitable, error));
  }

  tcp::socket* socket_;
  std::unique_ptr<TlsSession> session_;
  Step wanted_ = Step::kWantWrite;
};

}  // namespace

class Listener::Impl {
 public:
  Impl(ListenerOptions options, std::vector<Route> routes, const Clock& clock)
      : options_(std::move(options)),
        router_(std::move(routes)),
        clock_(clock),
        connections_(ConnectionLimit(options_.max_connections), counters_),
        helper_(options_.helper_queue),
        access_queue_(options_.access_queue, clock_),
        accepting_(asio::make_strand(io_)) {}

  void Start(std::vector<ListeningSocket> sockets) {
    for (ListeningSocket& socket : sockets) {
      ports_.push_back(socket.port());
      const tcp protocol = socket.is_ipv6() ? tcp::v6() : tcp::v4();
      acceptors_.emplace_back(accepting_, protocol, socket.Release());
    }
    for (tcp::acceptor& acceptor : acceptors_)
      asio::co_spawn(accepting_, Accept(acceptor), asio::detached);
    asio::co_spawn(io_, Sweep(), asio::detached);
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.io_threads, 1);
         ++i) {
      threads_.emplace_back([this] { RunLoop(); });
    }
  }

  void Stop() {
    if (stopping_.exchange(true)) return;
    asio::post(accepting_, [this] {
      for (tcp::acceptor& acceptor : acceptors_) {
        ErrorOf ignored;
        acceptor.close(ignored);
      }
    });
    connections_.StartStopping();
    // Checks that wait in line would take longer than there is time.
    access_queue_.Stop();
    if (!connections_.WaitUntilEmpty(kStopGrace)) {
      connections_.EndAll();
      // Their sockets are shut down, so this takes no longer than the event
      // loop needs to come by; on a machine without a free core that is a
      // while.
      connections_.WaitUntilEmpty(2 * kStopGrace);
    }
    io_.stop();
    for (std::jthread& thread : threads_) thread.join();
    helper_.Stop();
  }

  const std::vector<std::uint16_t>& ports() const { return ports_; }

  ListenerStats stats() const {
    ListenerStats stats = counters_.Snapshot();
    stats.connections = connections_.size();
    return stats;
  }

 private:
  template <typename Stream>
  class Session;

  void RunLoop() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (...) {
        // Out of memory between two tasks: the loop goes on with the next.
        counters_.CountRejected(RejectReason::kHandlerError);
      }
    }
  }

  awaitable<void> Accept(tcp::acceptor& acceptor) {
    asio::steady_timer pause(accepting_);
    while (!stopping_) {
      tcp::socket socket(io_);
      tcp::endpoint peer;
      ErrorOf error;
      co_await acceptor.async_accept(socket, peer,
                                     redirect_error(use_awaitable, error));
      if (stopping_ || error == asio::error::operation_aborted) co_return;
      if (error == asio::error::connection_aborted) continue;
      if (!error && Admit(std::move(socket), peer)) continue;
      connections_.EndOldest(kEndedPerShortage);
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(redirect_error(use_awaitable, error));
    }
  }

  /// False if memory is short.
  bool Admit(tcp::socket socket, const tcp::endpoint& peer) {
    try {
      counters_.CountAccepted();
      const MonoTime now = clock_.Mono();
      const auto handle = connections_.Admit(socket.native_handle(), now,
                                             now + options_.head_timeout);
      if (!handle) return true;
      Connection connection{
          std::move(socket), Membership(connections_, *handle), {}};
      connection.peer = AddressText(peer);
      asio::co_spawn(io_, Serve(std::move(connection)), asio::detached);
      return true;
    } catch (...) {
      return false;
    }
  }

  awaitable<void> Serve(Connection connection);
  awaitable<void> ServeTls(Connection& connection,
                           std::shared_ptr<const TlsServerContext> context);
  static awaitable<void> DrainSocket(tcp::socket& socket);

  std::shared_ptr<const std::string> SecurityLines() const {
    return options_.security_headers ? options_.security_headers()
                                     : security_lines_;
  }

  awaitable<void> Sweep() {
    asio::steady_timer timer(io_);
    for (;;) {
      timer.expires_after(kSweepInterval);
      ErrorOf error;
      co_await timer.async_wait(redirect_error(use_awaitable, error));
      if (error) co_return;
      connections_.Sweep(clock_.Mono());
    }
  }

  /// Has `start` see to something elsewhere and comes back to the event loop
  /// when that has called what it was given, with the same word.
  awaitable<bool> Elsewhere(
      std::function<void(std::function<void(bool)> resume)> start) {
    const auto initiate = [](auto handler, auto begin) {
      // std::function wants copies, a handler cannot be copied.
      const auto shared =
          std::make_shared<decltype(handler)>(std::move(handler));
      begin([shared](bool done) {
        asio::post(asio::get_associated_executor(*shared),
                   [shared, done] { std::move (*shared)(done); });
      });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                            void(bool)>(initiate, use_awaitable,
                                                        std::move(start));
  }

  /// Runs `work` on the helper thread; false if the helper's queue is full.
  awaitable<bool> OnHelper(std::function<void()> work) {
    co_return co_await Elsewhere(
        [this, &work](std::function<void(bool)> resume) {
          if (!helper_.Post([task = std::move(work), resume] {
                task();
                resume(true);
              })) {
            resume(false);
          }
        });
  }

  const ListenerOptions options_;
  const std::shared_ptr<const std::string> security_lines_ =
      std::make_shared<const std::string>(SecurityHeaderLines());
  const Router router_;
  const Clock& clock_;
  std::vector<std::uint16_t> ports_;
  std::atomic<bool> stopping_{false};
  ListenerCounters counters_;
  UnsentRoomCount unsent_rooms_{0};
  ConnectionList connections_;
  ListenerHelper helper_;
  AccessQueue access_queue_;
  // What follows holds unfinished sessions, which use what is above.
  asio::io_context io_;
  asio::strand<asio::io_context::executor_type> accepting_;
  std::vector<tcp::acceptor> acceptors_;  // used on accepting_ only
  std::vector<std::jthread> threads_;
};

/// One connection from its first request to its end, always on one event loop
/// thread at a time.
template <typename Stream>
class Listener::Impl::Session {
 public:
  Session(Impl& impl, Connection& connection, Stream stream)
      : impl_(impl),
        membership_(connection.membership),
        peer_(connection.peer),
        stream_(std::move(stream)),
        unsent_room_(impl.unsent_rooms_),
        buffer_(kFirstBufferBytes) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  awaitable<void> Run() {
    // The list has it as reading from the moment it was accepted.
    bool reading = true;
    for (;;) {
      // Not `while (a && b)`: in a loop's condition g++ 12 evaluates an awaited
      // b even if a was false.
      if (!co_await ReadHead(reading)) co_return;
      if (!co_await Answer()) co_return;
      parser_.Reset();
      reading = false;
    }
  }

  /// The last that the peer hears.
  awaitable<void> Refuse(Refusal refusal) {
    impl_.counters_.CountRejected(refusal.reason);
    const Response response = Response::Text(refusal.status, refusal.text);
    if (co_await Send(response, false, false)) co_await Drain();
  }

 private:
  const ListenerOptions& options() const { return impl_.options_; }
  MonoTime Now() const { return impl_.clock_.Mono(); }
  std::string_view Unread() const {
    return {buffer_.data() + begin_, end_ - begin_};
  }

  /// True with a whole head in the parser. False at the end of the connection;
  /// a head that is refused has had its answer then.
  awaitable<bool> ReadHead(bool reading) {
    bool idle = false;
    for (;;) {
      bool begun = false;
      if (begin_ != end_) {
        std::size_t consumed = 0;
        const auto state = parser_.Put(Unread(), consumed);
        begin_ += consumed;
        if (state == RequestParser::State::kDone) co_return true;
        if (state == RequestParser::State::kRefused) {
          co_await Refuse(parser_.refusal());
          co_return false;
        }
        begun = true;
      }
      const MonoTime now = Now();
      if (begun && !reading) {
        reading = true;
        if (!membership_.Update(Phase::kReading, now,
                                now + options().head_timeout)) {
          co_return false;
        }
      } else if (!begun && !reading && !idle) {
        idle = true;
        Shrink();
        if (!membership_.Update(Phase::kIdle, now,
                                now + options().idle_timeout)) {
          co_return false;
        }
      }
      if (!co_await ReadMore()) co_return false;
    }
  }

  awaitable<bool> ReadMore() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
      if (begin_ > 0) {
        std::copy(buffer_.begin() + Offset(begin_),
                  buffer_.begin() + Offset(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
      } else {
        // The parser's limit ends this.
        buffer_.resize(2 * buffer_.size());
      }
    }
    ErrorOf error;
    const std::size_t got =
        co_await stream_.Read(std::span(buffer_).subspan(end_), error);
    end_ += got;
    unyielded_bytes_ = 0;
    co_return !error;
  }

  static std::ptrdiff_t Offset(std::size_t index) {
    return static_cast<std::ptrdiff_t>(index);
  }

  // Thousands of idle connections should not keep what one long head needed.
  void Shrink() {
    if (buffer_.size() > kFirstBufferBytes && begin_ == end_) {
      begin_ = end_ = 0;
      buffer_ = std::vector<char>(kFirstBufferBytes);
    }
  }

  /// Answers the request in the parser. True if another may follow.
  awaitable<bool> Answer() {
    impl_.counters_.CountRequest();
    Request& request = parser_.request();
    request.peer = peer_;
    const std::uint64_t body_bytes = parser_.content_length();
    bool body_unread = body_bytes > 0;
    Response response;
    const Route* route = nullptr;
    if (co_await Allowed(request, response)) {
      route = impl_.router_.Find(request, response);
    }
    if (route != nullptr && body_bytes > route->max_body_bytes) {
      impl_.counters_.CountRejected(RejectReason::kBodyRefused);
      response = Response::Text(413, route->max_body_bytes == 0
                                         ? "no body is taken here"
                                         : "body too large");
    } else if (route != nullptr) {
      if (body_unread) {
        if (!co_await ReadBody(request.body, body_bytes)) co_return false;
      }
      body_unread = false;
      co_await Handle(*route, request, response);
    }
    const bool keep_alive =
        parser_.keep_alive() && !body_unread && !impl_.stopping_;
    if (!co_await Send(response, request.method == Method::kHead, keep_alive))
      co_return false;
    if (keep_alive) co_return true;
    if (body_unread || begin_ != end_) co_await Drain();
    co_return false;
  }

  /// Says who the request is from; false with a refusal if that is not enough.
  awaitable<bool> Allowed(Request& request, Response& refusal) {
    request.authenticated = stream_.client_verified();
    const AccessCheck& access = options().access;
    if (!access.at_once) co_return true;
    bool failed = false;
    Admission admission = Admission::kRefused;
    try {
      admission = access.at_once(request);
    } catch (...) {
      failed = true;
    }
    if (admission == Admission::kUndecided) {
      const bool decided = co_await CheckSlowly(request, admission, failed);
      if (!decided) {
        refusal = HelperBusy();
        co_return false;
      }
    }
    if (failed) {
      refusal = HandlerFailed();
      co_return false;
    }
    // Nobody needs it from here on.
    request.authorization.clear();
    if (admission == Admission::kOpen) co_return true;
    if (admission == Admission::kAdmitted) {
      request.authenticated = true;
      co_return true;
    }
    impl_.counters_.CountRejected(RejectReason::kUnauthorized);
    refusal = Response::Text(401, "a user name and a password are needed");
    refusal.headers.emplace_back(
        "WWW-Authenticate",
        "Basic realm=\"serverspace_exporter\", charset=\"UTF-8\"");
    co_return false;
  }

  /// False if too many wait for it.
  awaitable<bool> CheckSlowly(const Request& request, Admission& admission,
                              bool& failed) {
    AwaitOthers();
    const auto check = [&] {
      try {
        const bool admitted = options().access.slowly(request);
        admission = admitted ? Admission::kAdmitted : Admission::kRefused;
        return admitted;
      } catch (...) {
        failed = true;
        return false;
      }
    };
    co_return co_await impl_.Elsewhere(
        [this, &check](std::function<void(bool)> resume) {
          impl_.access_queue_.Post(peer_, check, std::move(resume));
        });
  }

  awaitable<bool> ReadBody(std::string& body, std::uint64_t size) {
    const MonoTime now = Now();
    if (!membership_.Update(Phase::kReading, now, now + options().body_timeout))
      co_return false;
    if (parser_.expects_continue() && begin_ == end_) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      Gather gather(kContinue, {});
      if (!co_await Write(gather, kContinue.size())) co_return false;
      if (!membership_.Update(Phase::kReading, now,
                              now + options().body_timeout)) {
        co_return false;
      }
    }
    for (;;) {
      const std::size_t part =
          std::min<std::size_t>(size - body.size(), end_ - begin_);
      body.append(Unread().substr(0, part));
      begin_ += part;
      if (body.size() == size) co_return true;
      if (!co_await ReadMore()) co_return false;
    }
  }

  awaitable<void> Handle(const Route& route, const Request& request,
                         Response& response) {
    bool offload = false;
    const auto call = [&] {
      try {
        response = route.handler(request);
      } catch (...) {
        response = HandlerFailed();
      }
    };
    try {
      offload = route.offload && route.offload(request);
    } catch (...) {
      response = HandlerFailed();
      co_return;
    }
    if (!offload) {
      call();
      co_return;
    }
    const bool taken = co_await Offload(call);
    if (!taken) response = HelperBusy();
  }

  awaitable<bool> Offload(std::function<void()> work) {
    AwaitOthers();
    co_return co_await impl_.OnHelper(std::move(work));
  }

  /// The peer has nothing to do while others work for it.
  void AwaitOthers() {
    // If it has been ended meanwhile, the write that follows will find out.
    std::ignore = membership_.Update(Phase::kWorking, Now(), MonoTime::max());
    unyielded_bytes_ = 0;
  }

  // An exception's text may hold anything: it stays inside.
  Response HandlerFailed() {
    impl_.counters_.CountRejected(RejectReason::kHandlerError);
    return Response::Text(500, "internal error");
  }

  Response HelperBusy() {
    impl_.counters_.CountRejected(RejectReason::kHelperBusy);
    Response response = Response::Text(503, "busy, try again");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }

  awaitable<bool> Send(Response response, bool head_only, bool keep_alive) {
    const auto format = [&] {
      return FormatResponseHead(response, impl_.clock_.Wall(), keep_alive,
                                *impl_.SecurityLines());
    };
    std::string head = format();
    const auto add = [](std::uint64_t sum, std::string_view part) {
      return sum + part.size();
    };
    if (head.empty() ||
        response.body.size_bytes != std::accumulate(response.body.parts.begin(),
                                                    response.body.parts.end(),
                                                    std::uint64_t{0}, add)) {
      // It would be read as something else than meant.
      response = HandlerFailed();
      head = format();
    }
    if (head_only || !StatusHasBody(response.status)) response.body = Body();
    Gather gather(head, response.body.parts);
    co_return co_await Write(gather, head.size() + response.body.size_bytes);
  }

  /// No coroutine, and the pieces not in the frame of one: that would be too
  /// large for the memory that a thread keeps at hand, and a scrape would wait
  /// for whoever has the heap.
  std::size_t WriteSome(Gather& gather, ErrorOf& error) {
    Gather::Pieces pieces;
    return stream_.WriteSome(gather.Next(pieces, Stream::kEnoughBytes), error);
  }

  awaitable<bool> Write(Gather& gather, std::uint64_t size) {
    MonoTime latest{};
    bool moved = true;
    while (!gather.done()) {
      ErrorOf error;
      const std::size_t sent = WriteSome(gather, error);
      if (error) co_return false;
      if (sent > 0) {
        gather.Advance(sent);
        moved = true;
        unyielded_bytes_ += sent;
        if (unyielded_bytes_ < kTurnBytes) continue;
        co_await asio::post(impl_.io_, use_awaitable);
        unyielded_bytes_ = 0;
        continue;
      }
      if (unsent_room_.Take(stream_.socket())) continue;
      // Only now: an answer that goes at once, as most do, needs no deadline.
      if (moved) {
        const MonoTime now = Now();
        if (latest == MonoTime{}) {
          latest =
              now + kFirstWriteMinute +
              std::chrono::seconds(size / options().min_write_bytes_per_second);
        }
        if (!membership_.Update(
                Phase::kWriting, now,
                std::min(now + options().write_timeout, latest)))
          co_return false;
        moved = false;
      }
      co_await stream_.WaitWritable(error);
      unyielded_bytes_ = 0;
      if (error) co_return false;
    }
    co_return true;
  }

  awaitable<void> Drain() {
    stream_.ShutdownSend();
    const MonoTime now = Now();
    if (!membership_.Update(Phase::kDraining, now, now + kDrainTime)) co_return;
    for (std::size_t drained = 0; drained < kDrainBytes;) {
      begin_ = end_ = 0;
      if (!co_await ReadMore()) co_return;
      drained += end_;
    }
  }

  Impl& impl_;
  Membership& membership_;
  const std::string& peer_;
  Stream stream_;
  UnsentRoom unsent_room_;
  RequestParser parser_;
  std::vector<char> buffer_;  // [begin_, end_) is not used up yet
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t unyielded_bytes_ = 0;
};

awaitable<void> Listener::Impl::Serve(Connection connection) {
  try {
    const auto tls = options_.tls ? options_.tls() : nullptr;
    if (tls == nullptr) {
      Session<PlainStream> session(*this, connection,
                                   PlainStream(connection.socket));
      co_await session.Run();
    } else {
      co_await ServeTls(connection, tls);
    }
  } catch (...) {
    // Out of memory: this connection ends, the others go on.
    counters_.CountRejected(RejectReason::kHandlerError);
  }
}

// Lets the alert that tells why arrive; what is read is of no more use.
awaitable<void> Listener::Impl::DrainSocket(tcp::socket& socket) {
  ErrorOf error;
  socket.shutdown(tcp::socket::shutdown_send, error);
  std::array<char, 1024> rest{};
  for (std::size_t drained = 0; !error && drained < kDrainBytes;) {
    const std::size_t got = co_await socket.async_read_some(
        asio::buffer(rest), redirect_error(use_awaitable, error));
    drained += got;
  }
}

awaitable<void> Listener::Impl::ServeTls(
    Connection& connection, std::shared_ptr<const TlsServerContext> context) {
  // A session costs some 20 KiB: nothing for peers that say nothing.
  ErrorOf error;
  co_await connection.socket.async_wait(tcp::socket::wait_read,
                                        redirect_error(use_awaitable, error));
  char first = 0;
  if (error ||
      ::recv(connection.socket.native_handle(), &first, 1, MSG_PEEK) != 1) {
    co_return;
  }
  if (first != kTlsHandshakeByte) {
    Session<PlainStream> session(*this, connection,
                                 PlainStream(connection.socket));
    co_return co_await session.Refuse(
        {400, "this port speaks TLS: ask with https://"});
  }
  const MonoTime now = clock_.Mono();
  if (!connection.membership.Update(Phase::kHandshaking, now,
                                    now + options_.head_timeout)) {
    co_return;
  }
  TlsStream stream(connection.socket, std::move(context));
  const bool secured = co_await stream.Handshake();
  const MonoTime then = clock_.Mono();
  if (!secured) {
    // One that was ended has been counted.
    if (connection.membership.Update(Phase::kDraining, then,
                                     then + kDrainTime)) {
      counters_.CountRejected(RejectReason::kTlsHandshake);
      co_await DrainSocket(connection.socket);
    }
    co_return;
  }
  if (!connection.membership.Update(Phase::kReading, then,
                                    then + options_.head_timeout)) {
    co_return;
  }
  Session<TlsStream> session(*this, connection, std::move(stream));
  co_await session.Run();
}

Result<std::unique_ptr<Listener>> Listener::Start(ListenerOptions options,
                                                  std::vector<Route> routes,
                                                  const Clock& clock) {
  std::vector<ListeningSocket> sockets;
  for (const std::string& address : options.addresses) {
    auto socket = ListeningSocket::Open(address);
    if (!socket.ok()) return std::move(socket).error();
    sockets.push_back(std::move(socket).value());
  }
  for (const int inherited : options.inherited_sockets) {
    auto socket = ListeningSocket::Adopt(inherited);
    if (!socket.ok()) return std::move(socket).error();
    sockets.push_back(std::move(socket).value());
  }
  if (sockets.empty())
    return Error{ErrorCode::kInvalidInput, "no address to listen on"};
  auto impl =
      std::make_unique<Impl>(std::move(options), std::move(routes), clock);
  impl->Start(std::move(sockets));
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { Stop(); }

void Listener::Stop() { impl_->Stop(); }

const std::vector<std::uint16_t>& Listener::ports() const {
  return impl_->ports();
}

ListenerStats Listener::stats() const { return impl_->stats(); }

}  // namespace serverspace::server
