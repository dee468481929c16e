#include "http/connection.h"

#include <algorithm>
#include <array>
#include <httplib.h>
#include <optional>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "http/body_reader.h"
#include "http/failure.h"
#include "http/head_guard.h"

namespace serverspace::http {
namespace {

TransportError Bad(std::string_view cause) {
  return Failure(Stage::kExchange, ErrorCode::kBadResponse, cause);
}

/// A header as sent, unless it holds what no header may: cpp-httplib 0.11.4
/// decodes percent signs in values, which can bring control characters in.
std::string PlainHeader(const httplib::Response& response,
                        const std::string& name) {
  std::string value = response.get_header_value(name);
  const bool plain =
      std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
  return plain ? value : std::string();
}

/// One answer as it comes in: what cpp-httplib reads goes through here.
class Exchange final : public httplib::Stream {
 public:
  Exchange(TlsChannel& channel, const ExchangeLimits& limits,
           const Connection::Call& call)
      : channel_(channel),
        limits_(limits),
        body_(call.max_body_bytes, call.bodies, limits) {}

  ssize_t read(char* target, std::size_t size) override {
    if (next_ == filled_ && !Fill()) return failure_.has_value() ? -1 : 0;
    size = std::min(size, filled_ - next_);
    for (std::size_t i = 0; i < size; ++i) {
      const char byte = buffer_[next_++];
      target[i] = byte;
      if (!head_complete_ && !head_guard_.Accept(byte)) {
        Fail(Bad("the head of the answer is too long"));
        return -1;
      }
    }
    Remember({target, size});
    return static_cast<ssize_t>(size);
  }

  ssize_t write(const char* source, std::size_t size) override {
    auto written = channel_.Write({source, size}, limits_);
    if (written.ok()) return static_cast<ssize_t>(size);
    Fail(std::move(written).error());
    return -1;
  }

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return channel_.fd(); }

  /// Called between head and body. cpp-httplib 0.11.4 would take what it does
  /// not know of framing for another one, and then a part for the whole.
  bool AcceptHead(const httplib::Response& response) {
    head_complete_ = true;
    auto checked = CheckHead(response);
    if (checked.ok()) return true;
    Fail(std::move(checked).error());
    return false;
  }

  bool AcceptBody(std::string_view piece) {
    auto appended = body_.Append(piece);
    if (appended.ok()) return true;
    Fail(std::move(appended).error());
    return false;
  }

  /// The first failure is the cause of those that follow.
  void Fail(TransportError failure) {
    if (!failure_.has_value()) failure_ = std::move(failure);
  }

  Result<std::string, TransportError> Finish() {
    // cpp-httplib 0.11.4 takes a chunk without its line end for the last one.
    constexpr std::string_view kEnd = "\r\n\r\n";
    if (chunked_ && std::string_view(tail_.data(), tail_.size()) != kEnd)
      return Bad("the chunks of the answer are malformed");
    return body_.Finish();
  }

  std::shared_ptr<MemoryBudget::Share> room() const { return body_.room(); }
  const std::optional<TransportError>& failure() const { return failure_; }
  bool heard() const { return heard_; }
  bool has_unread() const { return next_ != filled_; }

 private:
  bool Fill() {
    auto got = channel_.Read(buffer_, limits_);
    if (!got.ok()) {
      Fail(std::move(got).error());
      return false;
    }
    next_ = 0;
    filled_ = got.value();
    heard_ = heard_ || filled_ > 0;
    // Only a body without a length may end with the connection.
    if (filled_ == 0 && !until_close_) {
      Fail(Failure(Stage::kExchange, ErrorCode::kNetwork,
                   "the connection was closed too early"));
    }
    return filled_ > 0;
  }

  void Remember(std::string_view bytes) {
    bytes.remove_prefix(bytes.size() - std::min(bytes.size(), tail_.size()));
    std::shift_left(tail_.begin(), tail_.end(),
                    static_cast<std::ptrdiff_t>(bytes.size()));
    std::ranges::copy(bytes,
                      tail_.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  }

  Result<void, TransportError> CheckHead(const httplib::Response& response) {
    const auto transfer = response.get_header_value_count("Transfer-Encoding");
    const auto lengths = response.get_header_value_count("Content-Length");
    chunked_ = transfer > 0;
    until_close_ = transfer == 0 && lengths == 0;
    if (chunked_ && (transfer > 1 || lengths > 0 ||
                     ToLower(response.get_header_value("Transfer-Encoding")) !=
                         "chunked")) {
      return Bad("the framing of the answer is not supported");
    }
    if (lengths > 0) {
      const auto length = ParseNumber<std::uint64_t>(
          response.get_header_value("Content-Length"));
      if (lengths > 1 || !length)
        return Bad("the length of the answer is not valid");
      if (*length > body_.max_bytes()) return body_.TooLarge();
    }
    const std::string encoding =
        ToLower(response.get_header_value("Content-Encoding"));
    if (encoding == "gzip") {
      body_.ExpectGzip();
    } else if (!encoding.empty() && encoding != "identity") {
      return Bad("the answer is compressed in a way that was not asked for");
    }
    return {};
  }

  TlsChannel& channel_;
  const ExchangeLimits& limits_;
  std::array<char, 16 * 1024> buffer_;  // a TLS record
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  std::array<char, 4> tail_{};  // the last bytes that were read
  HeadGuard head_guard_;
  bool head_complete_ = false;
  bool heard_ = false;
  bool chunked_ = false;
  bool until_close_ = false;
  BodyReader body_;
  std::optional<TransportError> failure_;
};

}  // namespace

/// cpp-httplib with its four steps that touch a socket replaced. It believes
/// that it speaks plain HTTP over a descriptor which is always open.
class Connection::Engine final : public httplib::ClientImpl {
 public:
  explicit Engine(std::unique_ptr<TlsChannel> channel)
      : ClientImpl("unused"), channel_(std::move(channel)) {
    socket_.sock = channel_->fd();
    set_keep_alive(true);
    set_follow_location(false);
    set_url_encode(false);
    // It does not notice a gzip stream that is cut short; see GzipDecoder.
    set_decompress(false);
  }

  // The channel closes the descriptor.
  ~Engine() override { socket_.sock = INVALID_SOCKET; }

  Result<Response, TransportError> Perform(const Call& call,
                                           const ExchangeLimits& limits) {
    reusable_ = false;
    heard_ = false;
    Exchange exchange(*channel_, limits, call);
    exchange_ = &exchange;
    const httplib::Headers headers = {
        {"Host", call.host_header},
        {"Accept", "application/json"},
        {"Accept-Encoding", "gzip"},
        {"User-Agent", call.user_agent},
        {"X-API-KEY", std::string(call.api_key.Reveal())},
    };
    const httplib::Result result = ClientImpl::Get(
        call.path, headers,
        [&](const httplib::Response& head) {
          return exchange.AcceptHead(head);
        },
        [&](const char* data, std::size_t size) {
          return exchange.AcceptBody({data, size});
        });
    exchange_ = nullptr;
    heard_ = exchange.heard();
    if (exchange.failure().has_value()) return *exchange.failure();
    if (!result) return Bad("the answer is no valid HTTP");
    auto body = exchange.Finish();
    if (!body.ok()) return std::move(body).error();
    reusable_ = socket_.is_open() && !exchange.has_unread();
    return Response{.status = result->status,
                    .body = std::move(body).value(),
                    .retry_after = PlainHeader(*result, "Retry-After"),
                    .date = PlainHeader(*result, "Date"),
                    .room = exchange.room()};
  }

  bool heard() const { return heard_; }
  bool reusable() const { return reusable_; }
  bool IsAlive() { return channel_->IsQuiet(); }

 private:
  // Called when the peer has left already: a new connection is not for
  // cpp-httplib to make.
  bool create_and_connect_socket(Socket&, httplib::Error& error) override {
    exchange_->Fail(Failure(Stage::kExchange, ErrorCode::kNetwork,
                            "the connection was closed too early"));
    error = httplib::Error::Connection;
    return false;
  }

  // Called before it would shut down and close the descriptor.
  void shutdown_ssl(Socket& socket, bool) override {
    socket.sock = INVALID_SOCKET;
  }

  bool process_socket(
      const Socket&,
      std::function<bool(httplib::Stream& stream)> callback) override {
    return callback(*exchange_);
  }

  bool is_ssl() const override { return false; }

  const std::unique_ptr<TlsChannel> channel_;
  Exchange* exchange_ = nullptr;  // of the running Perform()
  bool reusable_ = false;
  bool heard_ = false;
};

Connection::Connection(std::unique_ptr<TlsChannel> channel)
    : engine_(std::make_unique<Engine>(std::move(channel))) {}

Connection::~Connection() = default;

Result<Response, TransportError> Connection::Get(const Call& call,
                                                 const ExchangeLimits& limits) {
  return engine_->Perform(call, limits);
}

bool Connection::FailedSilently() const { return !engine_->heard(); }
bool Connection::Reusable() const { return engine_->reusable(); }
bool Connection::IsAlive() { return engine_->IsAlive(); }

}  // namespace serverspace::http
