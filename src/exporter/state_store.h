#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "exporter/state_stats.h"
#include "tasks/watched_task.h"

namespace serverspace::exporter {

/// What is known of a project's money: enough to go on counting after a restart
/// without a gap.
struct SavedMoney {
  std::string project_id;
  std::string currency;
  Money first_balance;  ///< topup - spend = balance - first_balance, always.
  Money balance;
  Money spend;
  Money topup;

  friend bool operator==(const SavedMoney&, const SavedMoney&) = default;
};

/// A thing and since when it has been seen in its present state.
struct SeenThing {
  std::string id;
  std::string state;
  WallTime since;  ///< In whole milliseconds.

  friend bool operator==(const SeenThing&, const SeenThing&) = default;
};

/// All things of one kind in the order of their ids, each id once. They never
/// change, so that a fleet's are shared, not copied. Never null.
using SeenThings = std::shared_ptr<const std::vector<SeenThing>>;
using SeenByKind = std::map<std::string, SeenThings, std::less<>>;

/// What is known of a project's watched tasks. Never null; equal pointers mean
/// that nothing changed.
using SavedTasks = std::shared_ptr<const tasks::Ledger>;
/// How far the watched files were read. Never null.
using SavedFiles = std::shared_ptr<const std::vector<tasks::FilePosition>>;

/// Where that which must survive a restart is kept. Threads may share one.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  virtual std::optional<SavedMoney> LoadMoney(const std::string& project) = 0;

  /// Takes the newest state and calls `kept` once it is where it survives;
  /// calls come in the order of the saves, from any thread, at the latest from
  /// the store's destructor. A store that cannot keep anything says so by its
  /// stats and calls `kept` all the same.
  virtual void SaveMoney(const std::string& project, const SavedMoney& money,
                         std::function<void()> kept) = 0;

  /// Returns when nothing is owed to `SaveMoney` any more.
  virtual void AwaitKept() {}

  virtual SeenByKind LoadFirstSeen(const std::string& project) = 0;

  /// Takes what is known of all kinds of the project's things. Never calls
  /// back; kept in the store's own time.
  virtual void SaveFirstSeen(const std::string& project, SeenByKind seen) = 0;

  virtual SavedTasks LoadTasks(const std::string& project) = 0;
  /// As `SaveMoney`.
  virtual void SaveTasks(const std::string& project, SavedTasks tasks,
                         std::function<void()> kept) = 0;

  virtual SavedFiles LoadTaskFiles() = 0;
  /// To be called after the tasks that those files gave were saved: then a
  /// crash repeats lines, but loses none.
  virtual void SaveTaskFiles(SavedFiles files) = 0;

  virtual StateStats stats() const = 0;
};

/// Keeps nothing beyond the process.
class MemoryState final : public StateStore {
 public:
  std::optional<SavedMoney> LoadMoney(const std::string&) override {
    return std::nullopt;
  }
  void SaveMoney(const std::string&, const SavedMoney&,
                 std::function<void()> kept) override {
    kept();
  }
  SeenByKind LoadFirstSeen(const std::string&) override { return {}; }
  void SaveFirstSeen(const std::string&, SeenByKind) override {}
  SavedTasks LoadTasks(const std::string&) override {
    return std::make_shared<const tasks::Ledger>();
  }
  void SaveTasks(const std::string&, SavedTasks,
                 std::function<void()> kept) override {
    kept();
  }
  SavedFiles LoadTaskFiles() override {
    return std::make_shared<const std::vector<tasks::FilePosition>>();
  }
  void SaveTaskFiles(SavedFiles) override {}
  StateStats stats() const override { return {}; }
};

}  // namespace serverspace::exporter
