#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace serverspace {

/// Memory that many share, so that all they take together has a bound. A part
/// of it is for one holder at a time, the first that finds no other room: so
/// one of those that wait can always go on to its end, and no two wait for each
/// other. Threads may share one.
class MemoryBudget {
 public:
  struct Options {
    std::size_t limit_bytes;    ///< For all.
    std::size_t largest_bytes;  ///< For one; at most the limit.
  };

  /// `clock` must outlive it.
  MemoryBudget(const Options& options, Clock& clock);
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// What one holder takes; given back with the share. One thread at a time.
  class Share {
   public:
    /// So much of each is not counted: what is small never waits.
    static constexpr std::size_t kFreeBytes = 1 << 20;

    explicit Share(std::shared_ptr<MemoryBudget> budget)
        : budget_(std::move(budget)) {}
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// Waits until there is room for so many bytes more. kNoRoom if there was
    /// none by the deadline or this would be more than one may have,
    /// kCancelled after a stop.
    Result<void> Grow(std::size_t bytes, MonoTime deadline,
                      const std::stop_token& stop) {
      needed_ += bytes;
      if (needed_ <= kFreeBytes + counted_) return {};
      return Count(deadline, stop);
    }

   private:
    Result<void> Count(MonoTime deadline, const std::stop_token& stop);

    const std::shared_ptr<MemoryBudget> budget_;
    std::size_t needed_ = 0;
    std::size_t counted_ = 0;  // beyond what is free
  };

  /// What all shares have taken beyond what is free.
  std::size_t used_bytes() const;

 private:
  bool HasRoom(const Share& share, std::size_t bytes) const;

  const Options options_;
  Clock& clock_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable_any freed_;
  std::size_t used_ = 0;
  const Share* favoured_ = nullptr;  // may go on to the limit
};

}  // namespace serverspace
