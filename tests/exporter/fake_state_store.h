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
  SavedTasks LoadTasks(const std::string& project) override {
    const auto found = tasks_.find(project);
    return found == tasks_.end() ? std::make_shared<const tasks::Ledger>()
                                 : found->second;
  }
  void SaveTasks(const std::string& project, SavedTasks tasks,
                 std::function<void()> kept) override {
    ++task_saves_;
    pending_tasks_.push_back({project, std::move(tasks), std::move(kept)});
    if (!holding_) KeepTasks();
  }
  SavedFiles LoadTaskFiles() override { return files_; }
  void SaveTaskFiles(SavedFiles files) override { files_ = std::move(files); }
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
  /// Keeps all tasks that wait.
  void KeepTasks() {
    for (PendingTasks& pending : std::exchange(pending_tasks_, {})) {
      tasks_[pending.project] = pending.tasks;
      pending.kept();
    }
  }
  int task_saves() const { return task_saves_; }
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

  struct PendingTasks {
    std::string project;
    SavedTasks tasks;
    std::function<void()> kept;
  };

  bool holding_ = false;
  int task_saves_ = 0;
  std::deque<PendingTasks> pending_tasks_;
  std::map<std::string, SavedTasks> tasks_;
  SavedFiles files_ =
      std::make_shared<const std::vector<tasks::FilePosition>>();
  int saves_ = 0;
  int first_seen_saves_ = 0;
  std::deque<Pending> pending_;
  std::map<std::string, SavedMoney> kept_;
  std::map<std::string, SeenByKind> first_seen_;
};

}  // namespace serverspace::exporter
