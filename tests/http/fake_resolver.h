#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "http/resolver.h"

namespace serverspace::http {

/// A resolver with a table, which can hang. Threads may share one.
class FakeResolver final : public Resolver {
 public:
  void Set(const std::string& host, std::vector<std::string> addresses) {
    std::lock_guard lock(mutex_);
    table_[host] = std::move(addresses);
  }
  void Remove(const std::string& host) {
    std::lock_guard lock(mutex_);
    table_.erase(host);
  }
  void SetHanging(bool hanging) {
    std::lock_guard lock(mutex_);
    hanging_ = hanging;
    changed_.notify_all();
  }
  /// Blocks until that many resolutions have begun.
  void AwaitCalls(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_ >= count; });
  }
  int calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }

  Result<std::vector<std::string>> Resolve(const std::string& host) override {
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hanging_; });
    const auto found = table_.find(host);
    if (found == table_.end())
      return Error{ErrorCode::kNetwork, "name or service not known"};
    return found->second;
  }

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::map<std::string, std::vector<std::string>> table_;
  bool hanging_ = false;
  int calls_ = 0;
};

}  // namespace serverspace::http
