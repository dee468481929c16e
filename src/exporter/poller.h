#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "api/admission.h"
#include "base/clock.h"
#include "base/random.h"

namespace serverspace::exporter {

/// Runs jobs again and again, each at its own interval and never twice at a
/// time, on a few threads. Which job may start is decided here, before a thread
/// is given to it, so that projects that hang or fail cannot take the threads
/// of those that do not. Jobs are added before the start.
class Poller {
 public:
  /// Performs one run and answers the time from its due to the next one's.
  using Job = std::function<Duration(std::stop_token)>;

  Poller(Clock& clock, Random& random, const api::Admission::Limits& limits);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// Projects and their hosts are named to it before their jobs start.
  api::Admission& admission() { return admission_; }

  /// `interval` is how long a run may take without being called stalled.
  void Add(std::string project, Duration interval, Job job);

  void Start(std::size_t threads);
  /// Instead of Start(): performs each job that was added since the last call
  /// once, and returns when all have ended. Waits as long as they take.
  void RunOnce(std::size_t threads);
  /// Asks all runs to stop and waits for them.
  void Stop();

  /// Whether a run has not ended long after it should have: a fault of ours,
  /// for the deadline is part of the run.
  bool IsStalled() const;

 private:
  struct Entry {
    std::string project;
    Duration interval;
    Job job;
    MonoTime due{};
    std::optional<MonoTime> started{};
    bool first_pass = true;
  };
  struct Admitted {
    Entry* entry;
    api::Admission::Ticket ticket;
  };

  void Work(const std::stop_token& stop);
  /// Puts the job where it waits for its next run.
  void Rest(Entry& entry, Duration interval);
  static Duration RunJob(const Entry& entry, const std::stop_token& stop);
  /// The next run that may start; nothing if `stop` was requested.
  std::optional<Admitted> AwaitStart(std::unique_lock<std::mutex>& lock,
                                     const std::stop_token& stop);
  std::optional<Admitted> TakeAdmissible();
  void MoveDue(MonoTime now);
  MonoTime NextDue(const Entry& entry, Duration interval, MonoTime now);

  Clock& clock_;
  Random& random_;
  api::Admission admission_;
  mutable std::mutex mutex_;  // guards all down to watched_
  std::condition_variable_any changed_;
  std::condition_variable all_ran_;  // told by the last run of RunOnce()
  bool once_ = false;                // no job is due again
  std::deque<Entry> entries_;        // stable addresses
  std::multimap<MonoTime, Entry*> waiting_;
  // Due and not started, in the order of their dues over all hosts: who waited
  // longest comes first.
  std::deque<Entry*> ready_;
  // What the earliest of the waiting threads waits for; the others wait to be
  // called.
  std::optional<MonoTime> watched_;
  std::vector<std::jthread> threads_;
};

}  // namespace serverspace::exporter
