#include "simulator/http_engine.h"

#include <algorithm>
#include <array>
#include <httplib.h>
#include <limits>

#include "simulator/connection.h"

namespace serverspace::sim {
namespace {

constexpr std::size_t kReadBufferBytes = 8192;
constexpr int kToldKeepAliveSeconds = 60;
constexpr std::size_t kMaxBodyBytes = 8 * 1024 * 1024;

/// What httplib reads from and writes to. It reads heads byte by byte, hence
/// the buffer.
class ConnectionStream final : public httplib::Stream {
 public:
  explicit ConnectionStream(Connection& connection) : connection_(connection) {}

  bool is_readable() const override { return position_ < size_; }
  bool is_writable() const override { return !connection_.abandoned(); }
  ssize_t read(char* data, size_t size) override {
    if (position_ == size_) {
      const long count = connection_.Read(buffer_.data(), buffer_.size());
      if (count <= 0) return -1;
      position_ = 0;
      size_ = static_cast<std::size_t>(count);
    }
    const std::size_t count = std::min(size, size_ - position_);
    std::copy_n(buffer_.data() + position_, count, data);
    position_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) override {
    if (connection_.abandoned() || !connection_.Write({data, size})) return -1;
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return connection_.descriptor(); }

 private:
  Connection& connection_;
  std::array<char, kReadBufferBytes> buffer_;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
};

// httplib hands its handlers no connection; one thread serves one connection,
// so this is which.
thread_local Connection* current_connection = nullptr;

// Carries the client's wish past httplib, which must not see it.
constexpr const char* kGzipAccepted = "Sim-Gzip-Accepted";

Request ToRequest(const httplib::Request& from) {
  Request request;
  request.method = from.method;
  request.target = from.target;
  request.body = from.body;
  if (from.has_header("X-API-KEY"))
    request.api_key = from.get_header_value("X-API-KEY");
  request.accepts_gzip = from.has_header(kGzipAccepted);
  return request;
}

void Fill(const Reply& reply, httplib::Response& response) {
  response.status = reply.status;
  response.reason = ReasonPhrase(reply.status);
  for (const auto& [name, value] : reply.headers)
    response.set_header(name, value);
  if (reply.body->empty()) {
    if (!reply.content_type.empty())
      response.set_header("Content-Type", reply.content_type);
    return;
  }
  response.set_content_provider(
      reply.body->size(), reply.content_type,
      [body = reply.body](size_t offset, size_t length,
                          httplib::DataSink& sink) {
        return sink.write(body->data() + offset, length);
      });
}

}  // namespace

class HttpEngine::Server final : public httplib::Server {
 public:
  explicit Server(HttpEngine::Handler handler) : handler_(std::move(handler)) {
    // httplib holds a server without a listening socket for one that is
    // shutting down, and then sends no body. The listener here is not
    // httplib's.
    svr_sock_ = 0;
    // Only what is told to clients; the listener decides.
    set_keep_alive_timeout(kToldKeepAliveSeconds);
    set_keep_alive_max_count(std::numeric_limits<int>::max());
    set_payload_max_length(kMaxBodyBytes);
    const auto answer = [this](const httplib::Request& request,
                               httplib::Response& response) {
      const std::optional<Reply> reply =
          handler_(ToRequest(request), *current_connection);
      if (reply) Fill(*reply, response);
    };
    constexpr const char* kEverything = "[^]*";
    Get(kEverything, answer);
    Post(kEverything, answer);
    Put(kEverything, answer);
    Patch(kEverything, answer);
    Delete(kEverything, answer);
  }

  bool ServeOne(Connection& connection) {
    ConnectionStream stream(connection);
    current_connection = &connection;
    bool closed = false;
    const bool ok =
        process_request(stream, false, closed, [](httplib::Request& request) {
          // Ranges and compression by httplib would rework a body that must go
          // out as it is.
          request.ranges.clear();
          const bool gzip =
              request.get_header_value("Accept-Encoding").find("gzip") !=
              std::string::npos;
          request.headers.erase("Accept-Encoding");
          if (gzip) request.headers.emplace(kGzipAccepted, "1");
        });
    current_connection = nullptr;
    return ok && !closed && !connection.abandoned();
  }

 private:
  const HttpEngine::Handler handler_;
};

HttpEngine::HttpEngine(Handler handler)
    : server_(std::make_unique<Server>(std::move(handler))) {}
HttpEngine::~HttpEngine() = default;

bool HttpEngine::ServeOne(Connection& connection) {
  return server_->ServeOne(connection);
}

}  // namespace serverspace::sim
