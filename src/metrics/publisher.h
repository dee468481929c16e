#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "base/clock.h"
#include "metrics/page_store.h"

namespace serverspace::metrics {

/// The thread that turns changes into pages, at most one page in
/// `min_interval`: the first change shows at once, a burst as one. Store and
/// clock must outlive it; its end waits for the page that is being made.
class Publisher {
 public:
  Publisher(PageStore& store, Clock& clock,
            Duration min_interval = std::chrono::seconds(1));
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Pages that could not be made (out of memory); the changes stay for the
  /// next try.
  std::uint64_t failures() const { return failures_.load(); }

 private:
  void Run(const std::stop_token& stop);

  PageStore& store_;
  Clock& clock_;
  const Duration min_interval_;
  std::atomic<std::uint64_t> failures_ = 0;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace serverspace::metrics
