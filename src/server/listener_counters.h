#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/listener_stats.h"

namespace serverspace::server {

/// What a listener counts while it runs. Threads share it.
class ListenerCounters {
 public:
  void CountAccepted() { Add(accepted_); }
  void CountRequest() { Add(requests_); }
  void CountRejected(RejectReason reason) {
    Add(rejected_[static_cast<std::size_t>(reason)]);
  }

  /// All but the number of connections.
  ListenerStats Snapshot() const {
    ListenerStats stats;
    stats.accepted = accepted_.load(std::memory_order_relaxed);
    stats.requests = requests_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
      stats.rejected[i] = rejected_[i].load(std::memory_order_relaxed);
    }
    return stats;
  }

 private:
  using Count = std::atomic<std::uint64_t>;
  static void Add(Count& count) {
    count.fetch_add(1, std::memory_order_relaxed);
  }

  Count accepted_{0};
  Count requests_{0};
  std::array<Count, kRejectReasonCount> rejected_{};
};

}  // namespace serverspace::server
