#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "exporter/state_store.h"

namespace serverspace::exporter {

/// Keeps in memory what it is given, money at once or when told, and can be
/// looked into. One thread at a time.
class FakeStateStore final : public StateStore {
 public:
  std::optional<SavedMoney> LoadMoney(const std::string& project) override {
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
  SeenByKind LoadFirstSeen(const std::string& project) override {
    return first_seen_[project];
  }
  void SaveFirstSeen(const std::string& project, SeenByKind seen) override {
    ++first_seen_saves_;
    first_seen_[project] = std::move(seen);
  }
  StateStats stats() const override { return {}; }

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
  int first_seen_saves() const { return first_seen_saves_; }

 private:
  struct Pending {
    std::string project;
    SavedMoney money;
    std::function<void()> kept;
  };

  bool holding_ = false;
  int saves_ = 0;
  int first_seen_saves_ = 0;
  std::deque<Pending> pending_;
  std::map<std::string, SavedMoney> kept_;
  std::map<std::string, SeenByKind> first_seen_;
};

}  // namespace serverspace::exporter
