#include "exporter/poller.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

/// After the first pass, runs that began together are spread over this part of
/// their interval.
constexpr double kSpread = 0.5;
/// From then on each interval varies by this much around its length, so that
/// runs do not fall into step again.
constexpr double kJitter = 0.1;
constexpr Duration kStallGrace = 30s;

Duration Scale(Duration duration, double factor) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::nano>(duration) * factor);
}

}  // namespace

Poller::Poller(Clock& clock, Random& random,
               const api::Admission::Limits& limits)
    : clock_(clock), random_(random), admission_(limits, [this] {
        std::lock_guard lock(mutex_);
        changed_.notify_one();
      }) {}

Poller::~Poller() { Stop(); }

void Poller::Add(std::string project, Duration interval, Job job) {
  std::lock_guard lock(mutex_);
  Entry& entry = entries_.emplace_back(Entry{.project = std::move(project),
                                             .interval = interval,
                                             .job = std::move(job),
                                             .due = clock_.Mono()});
  waiting_.emplace(entry.due, &entry);
}

void Poller::Start(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
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
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.started && now - *entry.started > entry.interval + kStallGrace;
  });
}

Duration Poller::RunJob(const Entry& entry, const std::stop_token& stop) {
  // Two returns, not a variable that the call would overwrite: g++ 12 drops the
  // value that it had before, although the call may throw.
  try {
    return entry.job(stop);
  } catch (...) {
    // Jobs answer for their own faults; whatever one lets out must not end the
    // thread, and the job goes on.
    return entry.interval;
  }
}

void Poller::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (auto admitted = AwaitStart(lock, stop)) {
    Entry& entry = *admitted->entry;
    entry.started = clock_.Mono();
    lock.unlock();
    const Duration interval = RunJob(entry, stop);
    lock.lock();
    Rest(entry, interval);
    // The end of the ticket calls another thread through the lock, so it must
    // not be held then.
    lock.unlock();
    admitted.reset();
    lock.lock();
  }
}

void Poller::Rest(Entry& entry, Duration interval) {
  entry.started.reset();
  entry.due = NextDue(entry, interval, clock_.Mono());
  entry.first_pass = false;
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
      clock_.Wait(changed_, lock, stop, MonoTime::max());
    } else {
      watched_ = due;
      clock_.Wait(changed_, lock, stop, due);
      if (watched_ == due) watched_.reset();
    }
  }
  return std::nullopt;
}

void Poller::MoveDue(MonoTime now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    Entry* entry = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    ready_.push_back(entry);
  }
}

std::optional<Poller::Admitted> Poller::TakeAdmissible() {
  for (auto it = ready_.begin(); it != ready_.end(); ++it) {
    auto ticket = admission_.TryAdmit((*it)->project);
    if (!ticket) continue;
    Entry* entry = *it;
    ready_.erase(it);
    return Admitted{entry, *std::move(ticket)};
  }
  return std::nullopt;
}

MonoTime Poller::NextDue(const Entry& entry, Duration interval, MonoTime now) {
  const double factor = entry.first_pass ? 1 - kSpread * random_.Unit()
                                         : 1 + kJitter * (random_.Unit() - 0.5);
  return std::max(now, entry.due + Scale(interval, factor));
}

}  // namespace serverspace::exporter
