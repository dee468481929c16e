#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "simulator/message.h"

namespace serverspace::sim {

class Connection;

/// Speaks HTTP/1.1 on accepted connections: cpp-httplib parses the requests and
/// frames the ordinary answers. Thread-safe once made.
class HttpEngine {
 public:
  /// Answers one request; empty if the handler has already answered, or not, on
  /// the connection itself.
  using Handler =
      std::function<std::optional<Reply>(const Request&, Connection&)>;

  explicit HttpEngine(Handler handler);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  /// Reads one request and answers it. True if the connection may carry
  /// another.
  bool ServeOne(Connection& connection);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace serverspace::sim
