#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "exporter/state_store.h"

namespace serverspace::exporter {

/// Keeps in memory what it is given, at once or when told, and can be looked
/// into. One thread at a time.
class FakeStateStore final : public StateStore {
 public:
  std::optional<SavedMoney> LoadMoney(
      const std::string& project) const override {
    const auto found = kept_.find(project);
    if (found == kept_.end()) return std::nullopt;
    return found->second;
  }
  void SaveMoney(const std::string& project, const SavedMoney& money,
                 std::function<void()> kept) override {
    ++saves_;
    pending_.push_back({project, money, std::move(kept)});
    if (!holding_) Keep(pending_.size());
  }

  /// From now on, saves wait for Keep().
  void Hold() { holding_ = true; }
  /// Keeps the oldest `count` of what waits.
  void Keep(std::size_t count) {
    for (; count > 0; --count) {
      Pending pending = std::move(pending_.front());
      pending_.pop_front();
      kept_[pending.project] = pending.money;
      pending.kept();
    }
  }
  void Set(const std::string& project, const SavedMoney& money) {
    kept_[project] = money;
  }
  int saves() const { return saves_; }

 private:
  struct Pending {
    std::string project;
    SavedMoney money;
    std::function<void()> kept;
  };

  bool holding_ = false;
  int saves_ = 0;
  std::deque<Pending> pending_;
  std::map<std::string, SavedMoney> kept_;
};

}  // namespace serverspace::exporter
