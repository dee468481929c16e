#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"
#include "http/transport.h"

namespace serverspace::exporter {

/// Hosts of the API, each of which answers as the test says or not at all.
/// Threads may share it.
class FakeTransport final : public http::Transport {
 public:
  using Answer = Result<http::Response, http::TransportError>;
  using Handler = std::function<Answer(const http::Request&)>;

  explicit FakeTransport(Clock& clock) : clock_(clock) {}

  /// Until told otherwise, answers as a small project in good order.
  void Use(Handler handler) {
    std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }

  Answer Get(const http::Request& request) override {
    Handler handler;
    {
      std::lock_guard lock(mutex_);
      handler = handler_;
    }
    return handler(request);
  }

  /// Silence until the deadline or the stop.
  Answer Hang(const http::Request& request) {
    if (clock_.SleepUntil(request.deadline, request.stop))
      return http::TransportError{{ErrorCode::kTimeout, "timed out"}};
    return http::TransportError{{ErrorCode::kCancelled, "cancelled"}};
  }

  static Answer Ok(const http::Request& request) {
    if (request.path.ends_with("/project"))
      return Body(R"({"project":{"id":1042,"balance":318.07,"currency":"USD",)"
                  R"("state":"Active","created":"2024-01-01T00:00:00Z"}})");
    return Body(R"({"servers":[{"id":"l1s1","name":"web","state":"Active"}]})");
  }
  static Answer Body(std::string body) { return Status(200, std::move(body)); }
  static Answer Status(int status, std::string body = "") {
    return http::Response{.status = status, .body = std::move(body)};
  }

 private:
  Clock& clock_;
  std::mutex mutex_;  // guards handler_
  Handler handler_ = Ok;
};

}  // namespace serverspace::exporter
