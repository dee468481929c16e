#include "tasks/task_book.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"

namespace serverspace::tasks {
namespace {

/// So much of a task's age passes until it is asked for again.
constexpr int kAgeShare = 5;
/// Of so many questions, one is for the task that has waited longest.
constexpr std::uint64_t kFairTurn = 4;
/// An id is not lost by one wrong word.
constexpr int kLeastMissingAnswers = 3;

constexpr std::size_t kMaxTypeBytes = 64;
constexpr std::size_t kMaxResources = 16;
constexpr std::size_t kMaxResourceBytes = 128;

using namespace std::chrono_literals;

/// No order takes so long; what does is a clock that is wrong.
constexpr Duration kLongestTask = 31 * 24h;

/// As it will be saved, so that a restart changes no value.
WallTime Now(const Clock& clock) {
  return std::chrono::floor<std::chrono::milliseconds>(clock.Wall());
}

/// What a task of the API may put on a page is bounded.
std::vector<api::TaskResource> Bounded(
    std::vector<api::TaskResource> resources) {
  if (resources.size() > kMaxResources) resources.resize(kMaxResources);
  for (api::TaskResource& resource : resources) {
    resource.type = ToLower(Printable(resource.type, kMaxTypeBytes));
    resource.id = Printable(resource.id, kMaxResourceBytes);
  }
  return resources;
}

/// How long a task took, if its times can be believed: they may be those of a
/// clock that was set meanwhile, and any that the API can write.
std::optional<Duration> DurationOf(const WatchedTask& task) {
  // Of moments before 1970 the difference may be more than there are numbers.
  if (!task.created || *task.created < WallTime() || !task.completed ||
      *task.completed < *task.created) {
    return std::nullopt;
  }
  const Duration duration = *task.completed - *task.created;
  if (duration > kLongestTask) return std::nullopt;
  return duration;
}

}  // namespace

TaskBook::TaskBook(const Ledger& saved, const Clock& clock,
                   const Limits& limits)
    : clock_(clock),
      limits_(limits),
      totals_(saved.totals),
      forgotten_list_(saved.forgotten) {
  for (const std::string& id : *saved.forgotten) {
    if (forgotten_ids_.insert(id).second) forgotten_.push_back(id);
  }
  std::vector<std::shared_ptr<const WatchedTask>> tasks = saved.tasks;
  std::ranges::stable_sort(tasks, {},
                           [](const auto& task) { return task->added; });
  const MonoTime now = clock_.Mono();
  const WallTime today = Now(clock_);
  for (auto& task : tasks) {
    if (task->ended > today) {
      // A clock was wrong then; until it is right, this would be kept.
      WatchedTask mended = *task;
      mended.ended = today;
      task = std::make_shared<const WatchedTask>(std::move(mended));
    }
    const auto [entry, is_new] = entries_.try_emplace(
        task->id, Entry{.task = task, .number = next_number_++, .due = now});
    if (!is_new) continue;
    if (task->ended) {
      ended_.emplace(*task->ended, task->id);
    } else {
      ++pending_;
    }
  }
}

Verdict TaskBook::Add(std::string_view id) {
  std::lock_guard lock(mutex_);
  if (entries_.contains(id) || forgotten_ids_.contains(std::string(id)))
    return Verdict::kKnown;
  if (entries_.size() >= limits_.tasks && !MakeRoom()) return Verdict::kFull;
  WatchedTask task;
  task.id = id;
  task.added = Now(clock_);
  entries_.emplace(
      id, Entry{.task = std::make_shared<const WatchedTask>(std::move(task)),
                .number = next_number_++,
                .due = clock_.Mono()});
  ++pending_;
  current_.reset();
  return Verdict::kAdded;
}

std::optional<std::string> TaskBook::NextDue(MonoTime now) {
  std::lock_guard lock(mutex_);
  const bool fair = questions_ % kFairTurn == kFairTurn - 1;
  const Entry* next = nullptr;
  for (const auto& [id, entry] : entries_) {
    if (entry.task->outcome || entry.due > now) continue;
    const bool better = next == nullptr || (fair ? entry.due < next->due
                                                 : entry.number > next->number);
    if (better) next = &entry;
  }
  if (next == nullptr) return std::nullopt;
  ++questions_;
  return next->task->id;
}

std::optional<MonoTime> TaskBook::due() const {
  std::lock_guard lock(mutex_);
  std::optional<MonoTime> due;
  for (const auto& [id, entry] : entries_) {
    if (!entry.task->outcome && (!due || entry.due < *due)) due = entry.due;
  }
  return due;
}

TaskBook::Entry* TaskBook::FindPending(std::string_view id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.task->outcome) return nullptr;
  return &found->second;
}

void TaskBook::Answered(std::string_view id, api::Task answer,
                        double per_second) {
  std::lock_guard lock(mutex_);
  Entry* entry = FindPending(id);
  if (entry == nullptr) return;
  entry->missing_since.reset();
  entry->missing_answers = 0;
  WatchedTask task = *entry->task;
  task.type = Printable(answer.type, kMaxTypeBytes);
  task.state = std::move(answer.state);
  task.progress_percent = answer.progress_percent;
  if (task.progress_percent > kMostPercent) task.progress_percent.reset();
  task.created = answer.created;
  task.completed = answer.completed;
  task.resources = Bounded(std::move(answer.resources));
  if (const auto outcome = OutcomeOf(task.state)) {
    End(task, *outcome);
    const auto duration = DurationOf(task);
    if (outcome == Outcome::kCompleted && duration)
      totals_.AddDuration(*duration);
  }
  Change(*entry, std::move(task));
  Rest(*entry, per_second);
}

bool TaskBook::Missing(std::string_view id, double per_second) {
  std::lock_guard lock(mutex_);
  Entry* entry = FindPending(id);
  if (entry == nullptr) return false;
  const MonoTime now = clock_.Mono();
  if (!entry->missing_since) entry->missing_since = now;
  ++entry->missing_answers;
  if (now - *entry->missing_since < limits_.grace ||
      entry->missing_answers < kLeastMissingAnswers) {
    Rest(*entry, per_second);
    return false;
  }
  WatchedTask task = *entry->task;
  task.state = OutcomeName(Outcome::kLost);
  End(task, Outcome::kLost);
  Change(*entry, std::move(task));
  return true;
}

void TaskBook::Postpone(std::string_view id, double per_second) {
  std::lock_guard lock(mutex_);
  if (Entry* entry = FindPending(id)) Rest(*entry, per_second);
}

void TaskBook::Change(Entry& entry, WatchedTask task) {
  if (task == *entry.task) return;
  entry.task = std::make_shared<const WatchedTask>(std::move(task));
  current_.reset();
}

void TaskBook::End(WatchedTask& task, Outcome outcome) {
  task.outcome = outcome;
  task.ended = Now(clock_);
  ended_.emplace(*task.ended, task.id);
  ++totals_.of(outcome);
  --pending_;
}

void TaskBook::Rest(Entry& entry, double per_second) {
  const Duration round =
      FromSeconds(static_cast<double>(pending_) / per_second);
  const Duration most = std::max(limits_.most_pause, round);
  const Duration age = clock_.Wall() - entry.task->added;
  entry.due =
      clock_.Mono() + std::clamp(age / kAgeShare, limits_.least_pause, most);
}

void TaskBook::DropFinished(Duration keep) {
  std::lock_guard lock(mutex_);
  const WallTime now = clock_.Wall();
  while (!ended_.empty() && now - ended_.begin()->first >= keep) DropOldest();
}

bool TaskBook::MakeRoom() {
  if (ended_.empty()) return false;
  DropOldest();
  return true;
}

void TaskBook::DropOldest() {
  std::string id = std::move(ended_.extract(ended_.begin()).value().second);
  entries_.erase(id);
  forgotten_ids_.insert(id);
  forgotten_.push_back(std::move(id));
  while (forgotten_.size() > limits_.forgotten) {
    forgotten_ids_.erase(forgotten_.front());
    forgotten_.pop_front();
  }
  forgotten_list_.reset();
  current_.reset();
}

std::shared_ptr<const Ledger> TaskBook::Current() {
  std::lock_guard lock(mutex_);
  if (current_ == nullptr) {
    auto ledger = std::make_shared<Ledger>();
    ledger->tasks.reserve(entries_.size());
    for (const auto& [id, entry] : entries_)
      ledger->tasks.push_back(entry.task);
    ledger->totals = totals_;
    if (forgotten_list_ == nullptr) {
      forgotten_list_ = std::make_shared<const std::vector<std::string>>(
          forgotten_.begin(), forgotten_.end());
    }
    ledger->forgotten = forgotten_list_;
    current_ = std::move(ledger);
  }
  return current_;
}

}  // namespace serverspace::tasks
