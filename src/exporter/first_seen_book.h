#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "collectors/first_seen.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

/// Keeps when each thing of a project was first seen in its present state, over
/// restarts too if the store can. Threads may share it.
class FirstSeenBook final : public collectors::FirstSeen {
 public:
  /// `store` and `clock` outlive the book.
  FirstSeenBook(std::string project, StateStore& store, const Clock& clock);

  std::vector<WallTime> Observe(std::string_view kind,
                                std::span<const Item> items) override;

 private:
  const std::string project_;
  StateStore& store_;
  const Clock& clock_;
  std::mutex mutex_;  // guards kinds_ and the order of saves
  SeenByKind kinds_;  // without those that have no things
};

}  // namespace serverspace::exporter
