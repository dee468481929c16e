#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "collectors/first_seen.h"

namespace serverspace::exporter {

/// Keeps when each thing of a project was first seen in its present state.
/// Threads may share it.
class FirstSeenBook final : public collectors::FirstSeen {
 public:
  explicit FirstSeenBook(const Clock& clock) : clock_(clock) {}

  std::vector<WallTime> Observe(std::string_view kind,
                                std::span<const Item> items) override;

 private:
  struct Entry {
    std::string state;
    WallTime since;
  };
  using Entries = std::unordered_map<std::string, Entry>;

  const Clock& clock_;
  std::mutex mutex_;  // guards kinds_
  std::map<std::string, Entries, std::less<>> kinds_;
};

}  // namespace serverspace::exporter
