#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace serverspace::server {

/// One thread with a short queue, for what would hold up the event loop.
/// Threads may share one.
class ListenerHelper {
 public:
  explicit ListenerHelper(std::size_t queue_limit);
  ListenerHelper(const ListenerHelper&) = delete;
  ListenerHelper& operator=(const ListenerHelper&) = delete;
  ~ListenerHelper();

  /// False if the queue is full or the helper has stopped; then the task was
  /// not taken. A task must not throw.
  [[nodiscard]] bool Post(std::function<void()> task);

  /// Waits for the running task, drops the queued ones.
  void Stop();

 private:
  void Run(const std::stop_token& stop);

  const std::size_t queue_limit_;
  std::mutex mutex_;  // guards tasks_ and stopped_
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopped_ = false;
  std::jthread thread_;  // last: runs on what is above
};

}  // namespace serverspace::server
