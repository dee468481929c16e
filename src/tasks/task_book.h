#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/task_types.h"
#include "base/clock.h"
#include "tasks/verdict.h"
#include "tasks/watched_task.h"

namespace serverspace::tasks {

/// The watched tasks of one project: which are there, what is known of each,
/// when to ask for which. Threads may share it; who asks the API for them is
/// one thread at a time.
class TaskBook {
 public:
  struct Limits {
    /// Shown at once. Those that have ended make room before their time.
    std::size_t tasks = 20'000;
    std::size_t forgotten = 20'000;
    /// Between two questions for a task: a share of its age, within these. Of
    /// many tasks the pause grows beyond, so that all get their turn.
    Duration least_pause = std::chrono::seconds(5);
    Duration most_pause = std::chrono::minutes(5);
    /// A task that the API has not known for so long is lost.
    Duration grace = std::chrono::minutes(10);
  };

  /// Goes on with `saved`. `clock` outlives the book.
  TaskBook(const Ledger& saved, const Clock& clock, const Limits& limits);
  TaskBook(const Ledger& saved, const Clock& clock)
      : TaskBook(saved, clock, Limits()) {}

  /// `id` is one by its shape. Answers kAdded, kKnown or kFull.
  Verdict Add(std::string_view id);

  /// The task to ask for, if any is due by `now`: the newest, but every fourth
  /// time the one that has waited longest.
  std::optional<std::string> NextDue(MonoTime now);
  /// When the next task is due; nothing if all have ended.
  std::optional<MonoTime> due() const;

  // What came of the question. `per_second` is how many questions can be asked.

  void Answered(std::string_view id, api::Task answer, double per_second);
  /// The API does not know the id, and it is to be believed. Whether the task
  /// is lost by that.
  bool Missing(std::string_view id, double per_second);
  /// There is no answer; that says nothing of the task.
  void Postpone(std::string_view id, double per_second);

  /// Drops those that ended longer ago than this.
  void DropFinished(Duration keep);

  /// Equal pointers mean that nothing changed.
  std::shared_ptr<const Ledger> Current();

 private:
  struct Entry {
    std::shared_ptr<const WatchedTask> task;
    std::uint64_t number = 0;  // in the order of arrival
    MonoTime due{};
    std::optional<MonoTime> missing_since{};
    int missing_answers = 0;  // since then, without another one between
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  // Called with mutex_ held.
  Entry* FindPending(std::string_view id);
  void Change(Entry& entry, WatchedTask task);
  void End(WatchedTask& task, Outcome outcome);
  void Rest(Entry& entry, double per_second);
  bool MakeRoom();
  /// Forgets the one that ended first; there is one.
  void DropOldest();

  const Clock& clock_;
  const Limits limits_;
  mutable std::mutex mutex_;  // guards everything below
  Entries entries_;
  std::size_t pending_ = 0;  // not ended yet
  /// Those that have ended, the first first.
  std::set<std::pair<WallTime, std::string>> ended_;
  std::uint64_t next_number_ = 0;
  std::uint64_t questions_ = 0;
  Totals totals_;
  std::deque<std::string> forgotten_;  // the oldest first
  std::unordered_set<std::string> forgotten_ids_;
  /// The same as a ledger has it; null: changed since.
  std::shared_ptr<const std::vector<std::string>> forgotten_list_;
  std::shared_ptr<const Ledger> current_;  // null: changed since
};

}  // namespace serverspace::tasks
