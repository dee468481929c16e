#include "exporter/poller.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread_priority.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

/// After the first pass, runs that began together are spread over this part of
/// their interval.
constexpr double kSpread = 0.5;
/// From then on each interval varies by this much around its length, so that
/// runs do not fall into step again.
constexpr double kJitter = 0.1;
/// How far, at most, a run that is wanted more often comes before others that
/// were due earlier: else those of a project that always has something to do
/// would wait for hours.
constexpr Duration kMostHeadStart = 10min;
// Whoever scrapes does not wait for a big answer to be read. Not so low that on
// a busy machine the data would get old.
constexpr int kPrioritySteps = 5;
constexpr Duration kStallGrace = 30s;
/// Somebody else may hold the slots that a run needs, but not for so long.
constexpr Duration kAdmissionGrace = 2min;

Duration Scale(Duration duration, double factor) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::nano>(duration) * factor);
}

/// A job's project and name.
using JobKey = std::pair<std::string_view, std::string_view>;
JobKey KeyOf(const Poller::Job& job) { return {job.project, job.name}; }

}  // namespace

Poller::Poller(Clock& clock, Random& random,
               const api::Admission::Limits& limits)
    : clock_(clock), random_(random), admission_(limits, [this] {
        std::lock_guard lock(mutex_);
        changed_.notify_one();
      }) {}

Poller::~Poller() { Stop(); }

void Poller::SetJobs(std::vector<Job> jobs) {
  std::lock_guard lock(mutex_);
  const MonoTime now = clock_.Mono();
  std::map<JobKey, const Entry*> before;
  for (const Entry& entry : entries_) before.emplace(KeyOf(entry.job), &entry);

  std::deque<Entry> entries;
  std::multimap<MonoTime, Entry*> waiting;
  for (Job& job : jobs) {
    Entry& entry =
        entries.emplace_back(Entry{.job = std::move(job), .due = now});
    const auto known = before.find(KeyOf(entry.job));
    if (known != before.end() && !entry.job.at_once)
      TakeOver(*known->second, entry, now);
    waiting.emplace(entry.due, &entry);
  }
  entries_.swap(entries);
  waiting_.swap(waiting);
  ready_.clear();
}

void Poller::TakeOver(const Entry& before, Entry& entry, MonoTime now) {
  entry.due = before.due;
  entry.first_pass = before.first_pass;
  // With its old interval it could be a week away.
  if (entry.job.interval < before.job.interval)
    entry.due = std::min(entry.due, now + Spread(entry.job.interval));
}

void Poller::RunSoon(std::string_view project, std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find(entries_, JobKey(project, name),
                        [](const Entry& e) { return KeyOf(e.job); });
  if (found == entries_.end()) return;
  Entry& entry = *found;
  if (entry.started) {
    entry.again = true;
    return;
  }
  const auto [first, last] = waiting_.equal_range(entry.due);
  const auto place = std::find_if(first, last, [&](const auto& waiting) {
    return waiting.second == &entry;
  });
  // Else it is ready.
  if (place == last) return;
  const MonoTime now = clock_.Mono();
  if (entry.due <= now) return;
  waiting_.erase(place);
  entry.due = now;
  waiting_.emplace(now, &entry);
  // Whoever watches the clock looks again.
  changed_.notify_all();
}

void Poller::Start(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) {
      LowerOwnPriority(kPrioritySteps);
      Work(stop);
    });
  }
}

void Poller::RunOnce(std::size_t threads) {
  std::unique_lock lock(mutex_);
  once_ = true;
  lock.unlock();
  Start(threads);
  lock.lock();
  all_ran_.wait(lock, [this] {
    return std::ranges::none_of(entries_, &Entry::first_pass);
  });
  lock.unlock();
  Stop();
}

void Poller::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool Poller::IsStalled() const {
  const MonoTime now = clock_.Mono();
  std::lock_guard lock(mutex_);
  if (std::ranges::any_of(entries_, [&](const Entry& entry) {
        return entry.started &&
               now - *entry.started > entry.job.interval + kStallGrace;
      })) {
    return true;
  }
  if (resting_ == 0) return false;
  // Whoever rests should have seen that its time has come...
  if (!waiting_.empty() && now - waiting_.begin()->first > kStallGrace)
    return true;
  // ...or been told of a free slot, and all are free while nothing runs.
  return !ready_.empty() && now - stirred_ > kAdmissionGrace &&
         std::ranges::none_of(entries_, [](const Entry& entry) {
           return entry.started.has_value();
         });
}

std::optional<Duration> Poller::RunJob(const Job& job,
                                       const std::stop_token& stop) {
  try {
    const auto interval = job.run(stop);
    if (interval || stop.stop_requested()) return interval;
  } catch (...) {
    // Jobs answer for their own faults; whatever one lets out must not end the
    // thread, and the job goes on.
  }
  return job.interval;
}

void Poller::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (auto admitted = AwaitStart(lock, stop)) {
    Entry& entry = *admitted->entry;
    stirred_ = clock_.Mono();
    entry.started = stirred_;
    lock.unlock();
    const std::optional<Duration> interval = RunJob(entry.job, stop);
    lock.lock();
    PutBack(entry, interval);
    // The end of the ticket calls another thread through the lock, so it must
    // not be held then.
    lock.unlock();
    admitted.reset();
    lock.lock();
  }
}

void Poller::PutBack(Entry& entry, std::optional<Duration> interval) {
  entry.started.reset();
  stirred_ = clock_.Mono();
  if (interval) {
    entry.due = NextDue(entry, *interval, clock_.Mono());
    entry.first_pass = false;
  }
  if (std::exchange(entry.again, false))
    entry.due = std::min(entry.due, clock_.Mono());
  if (!once_) {
    waiting_.emplace(entry.due, &entry);
  } else if (waiting_.empty() && ready_.empty()) {
    all_ran_.notify_one();
  }
}

std::optional<Poller::Admitted> Poller::AwaitStart(
    std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    MoveDue(clock_.Mono());
    if (auto admitted = TakeAdmissible()) {
      // There may be more to start, and somebody else must watch the clock now.
      changed_.notify_one();
      return admitted;
    }
    const MonoTime due =
        waiting_.empty() ? MonoTime::max() : waiting_.begin()->first;
    if (watched_ && *watched_ <= due) {
      Rest(lock, stop, MonoTime::max());
    } else {
      watched_ = due;
      Rest(lock, stop, due);
      if (watched_ == due) watched_.reset();
    }
  }
  return std::nullopt;
}

void Poller::Rest(std::unique_lock<std::mutex>& lock,
                  const std::stop_token& stop, MonoTime until) {
  ++resting_;
  clock_.Wait(changed_, lock, stop, until);
  --resting_;
}

void Poller::MoveDue(MonoTime now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    Entry* entry = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    ready_.emplace(entry->due + std::min(entry->job.interval, kMostHeadStart),
                   entry);
    stirred_ = now;
  }
}

std::optional<Poller::Admitted> Poller::TakeAdmissible() {
  for (auto it = ready_.begin(); it != ready_.end(); ++it) {
    Entry* const entry = it->second;
    auto ticket = admission_.TryAdmit(entry->job.project, entry->job.kind);
    if (!ticket) continue;
    ready_.erase(it);
    return Admitted{entry, *std::move(ticket)};
  }
  return std::nullopt;
}

MonoTime Poller::NextDue(const Entry& entry, Duration interval, MonoTime now) {
  const Duration pause =
      entry.first_pass ? Spread(interval)
                       : Scale(interval, 1 + kJitter * (random_.Unit() - 0.5));
  return std::max(now, entry.due + pause);
}

Duration Poller::Spread(Duration interval) {
  return Scale(interval, 1 - kSpread * random_.Unit());
}

}  // namespace serverspace::exporter
