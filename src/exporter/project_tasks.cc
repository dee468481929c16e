#include "exporter/project_tasks.h"

#include <utility>

#include "tasks/task_metrics.h"

namespace serverspace::exporter {
namespace {

/// Making the text takes no more than this share of the time.
constexpr int kPauseShare = 20;

}  // namespace

ProjectTasks::ProjectTasks(const std::string& project, StateStore& store,
                           const Clock& clock, Logger& log)
    : project_(project),
      store_(store),
      clock_(clock),
      saved_(store.LoadTasks(project)),
      book_(*saved_, clock),
      poller_(project, book_, clock, log) {
  kept_->ledger = saved_;
  // Nothing is to be saved that came from there.
  saved_ = book_.Current();
}

void ProjectTasks::Keep(Duration keep_finished) {
  book_.DropFinished(keep_finished);
  SavedTasks current = book_.Current();
  if (current == saved_) return;
  saved_ = current;
  store_.SaveTasks(project_, current, [kept = kept_, current] {
    std::lock_guard lock(kept->mutex);
    kept->ledger = current;
    ++kept->version;
  });
}

std::optional<metrics::Fragment> ProjectTasks::TakeNews(bool at_once) {
  SavedTasks current = book_.Current();
  std::uint64_t version = 0;
  tasks::Totals totals;
  {
    std::lock_guard lock(kept_->mutex);
    version = kept_->version;
    totals = kept_->ledger->totals;
  }
  const ReasonCounts errors = poller_.errors();
  if (current == told_ && version == told_version_ && errors == told_errors_)
    return std::nullopt;
  const MonoTime started = clock_.Mono();
  if (started < next_news_ && !at_once) return std::nullopt;
  auto fragment = tasks::RenderTasks(project_, *current, totals, errors);
  told_errors_ = errors;
  told_ = std::move(current);
  told_version_ = version;
  const MonoTime now = clock_.Mono();
  next_news_ = now + kPauseShare * (now - started);
  return fragment;
}

TaskSummary ProjectTasks::Summary() {
  const SavedTasks current = book_.Current();
  TaskSummary summary;
  for (const auto& task : current->tasks) {
    if (task->outcome) {
      ++summary.ended[std::string(tasks::OutcomeName(*task->outcome))];
      continue;
    }
    ++summary.pending;
    ++summary.pending_by_state[task->state];
    const WallTime since = task->created.value_or(task->added);
    if (!summary.oldest || since < *summary.oldest) summary.oldest = since;
  }
  return summary;
}

}  // namespace serverspace::exporter
