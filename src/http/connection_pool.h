#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/connection.h"

namespace serverspace::http {

/// Connections at rest, by authority. The one used last goes out first, so that
/// the others can grow old and go. Threads may share one; the clock must
/// outlive it.
class ConnectionPool {
 public:
  ConnectionPool(const Clock& clock, Duration idle_timeout,
                 std::size_t max_idle_per_host);

  /// A connection that is alive as far as one can see, or null.
  std::unique_ptr<Connection> Take(const std::string& authority);

  void Put(const std::string& authority,
           std::unique_ptr<Connection> connection);

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    MonoTime since;
  };
  using Dead = std::vector<std::unique_ptr<Connection>>;

  /// Moves out those that have rested too long, to be closed without the lock.
  void Expire(Dead& dead);

  const Clock& clock_;
  const Duration idle_timeout_;
  const std::size_t max_idle_per_host_;
  std::mutex mutex_;                              // guards idle_
  std::map<std::string, std::deque<Idle>> idle_;  // longest rest in front
};

}  // namespace serverspace::http
