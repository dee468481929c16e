#include "server/listener_helper.h"

#include <utility>

namespace serverspace::server {

ListenerHelper::ListenerHelper(std::size_t queue_limit)
    : queue_limit_(queue_limit),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

ListenerHelper::~ListenerHelper() { Stop(); }

bool ListenerHelper::Post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || tasks_.size() >= queue_limit_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void ListenerHelper::Stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(tasks_);
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void ListenerHelper::Run(const std::stop_token& stop) {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !tasks_.empty(); }))
        return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace serverspace::server
