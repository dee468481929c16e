#include "http/connection_pool.h"

#include <utility>

namespace serverspace::http {

ConnectionPool::ConnectionPool(const Clock& clock, Duration idle_timeout,
                               std::size_t max_idle_per_host)
    : clock_(clock),
      idle_timeout_(idle_timeout),
      max_idle_per_host_(max_idle_per_host) {}

void ConnectionPool::Expire(Dead& dead) {
  const MonoTime now = clock_.Mono();
  for (auto& [authority, queue] : idle_) {
    while (!queue.empty() && now - queue.front().since >= idle_timeout_) {
      dead.push_back(std::move(queue.front().connection));
      queue.pop_front();
    }
  }
}

std::unique_ptr<Connection> ConnectionPool::Take(const std::string& authority) {
  Dead dead;
  while (true) {
    std::unique_ptr<Connection> connection;
    {
      std::lock_guard lock(mutex_);
      Expire(dead);
      auto& queue = idle_[authority];
      if (queue.empty()) return nullptr;
      connection = std::move(queue.back().connection);
      queue.pop_back();
    }
    if (connection->IsAlive()) return connection;
  }
}

void ConnectionPool::Put(const std::string& authority,
                         std::unique_ptr<Connection> connection) {
  Dead dead;
  std::lock_guard lock(mutex_);
  Expire(dead);
  auto& queue = idle_[authority];
  queue.push_back({std::move(connection), clock_.Mono()});
  if (queue.size() > max_idle_per_host_) {
    dead.push_back(std::move(queue.front().connection));
    queue.pop_front();
  }
}

}  // namespace serverspace::http
