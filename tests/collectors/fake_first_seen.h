#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/first_seen.h"

namespace serverspace::collectors {

/// Answers the times that the test says, 1 s after 1970 for others, and keeps
/// what it was shown.
class FakeFirstSeen final : public FirstSeen {
 public:
  using Shown = std::vector<std::pair<std::string, std::string>>;

  std::vector<WallTime> Observe(std::string_view kind,
                                std::span<const Item> items) override {
    std::vector<WallTime> since;
    Shown& shown = shown_[std::string(kind)];
    shown.clear();
    for (const Item& item : items) {
      shown.emplace_back(item.id, item.state);
      const auto known =
          seconds_.find({std::string(kind), std::string(item.id)});
      since.emplace_back(
          std::chrono::seconds(known == seconds_.end() ? 1 : known->second));
    }
    return since;
  }

  void Set(const std::string& kind, const std::string& id, int seconds) {
    seconds_[{kind, id}] = seconds;
  }
  /// By kind, as of the last call.
  const std::map<std::string, Shown>& shown() const { return shown_; }

 private:
  std::map<std::pair<std::string, std::string>, int> seconds_;
  std::map<std::string, Shown> shown_;
};

}  // namespace serverspace::collectors
