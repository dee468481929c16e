#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "exporter/state_store.h"
#include "exporter/status.h"
#include "metrics/fragment.h"
#include "tasks/task_book.h"
#include "tasks/task_poller.h"

namespace serverspace::exporter {

/// The watched tasks of one project, kept over restarts. Totals are shown once
/// the state that holds them is where it survives. The book may be used from
/// any thread, the poller by one at a time, the rest by who publishes.
class ProjectTasks {
 public:
  /// What is given outlives it.
  ProjectTasks(const std::string& project, StateStore& store,
               const Clock& clock, Logger& log);

  tasks::TaskBook& book() { return book_; }
  /// As `TaskPoller::Run`.
  std::optional<Duration> Run(const tasks::TaskPoller::Round& round) {
    wake_asked_ = false;
    return poller_.Run(round);
  }
  /// Whether nobody has asked for a run since the last one began.
  bool AskWake() { return !wake_asked_.exchange(true); }

  /// Drops what ended longer ago than this, and saves what changed.
  void Keep(Duration keep_finished);
  /// What the page should show, if it is not what was taken last. Of very many
  /// tasks it comes more seldom, unless `at_once`.
  std::optional<metrics::Fragment> TakeNews(bool at_once);
  TaskSummary Summary();

 private:
  /// Outlives the project where the store still owes a call.
  struct Kept {
    std::mutex mutex;  // guards the rest
    SavedTasks ledger;
    std::uint64_t version = 0;
  };

  const std::string project_;
  StateStore& store_;
  const Clock& clock_;
  SavedTasks saved_;
  tasks::TaskBook book_;
  tasks::TaskPoller poller_;
  const std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
  std::atomic<bool> wake_asked_ = false;
  SavedTasks told_;  // null: nothing yet
  ReasonCounts told_errors_{};
  std::uint64_t told_version_ = 0;
  MonoTime next_news_{};
};

}  // namespace serverspace::exporter
