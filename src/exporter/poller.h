#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/admission.h"
#include "base/clock.h"
#include "base/random.h"

namespace serverspace::exporter {

/// Runs jobs again and again, each at its own interval and never twice at a
/// time, on a few threads. Which job may start is decided here, before a thread
/// is given to it, so that projects that hang or fail cannot take the threads
/// of those that do not. One thread at a time may start and stop it and set its
/// jobs.
class Poller {
 public:
  /// Performs one run and answers the time from its due to the next one's, or
  /// nothing if the stop cut it short: then it is still due.
  using Run = std::function<std::optional<Duration>(std::stop_token)>;

  struct Job {
    std::string project;
    std::string name;     ///< Once in a project.
    Duration interval{};  ///< How long a run may take without being stalled.
    Run run;
    bool at_once = false;  ///< Due now, even if it was there before.
    api::RunKind kind = api::RunKind::kShort;
  };

  Poller(Clock& clock, Random& random, const api::Admission::Limits& limits);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// Projects and their hosts are named to it before their jobs start.
  api::Admission& admission() { return admission_; }

  /// Replaces all jobs, while stopped. A new one is due now; one that was there
  /// before, by project and name, when it was due, or earlier if its interval
  /// became shorter. Of those due at the same time the one with the shortest
  /// interval comes first, of equal ones the first.
  void SetJobs(std::vector<Job> jobs);

  /// Makes a job due now, at once after its run if it is in one. May be called
  /// by any thread at any time.
  void RunSoon(std::string_view project, std::string_view name);

  void Start(std::size_t threads);
  /// Instead of Start(): performs each job once, and returns when all have
  /// ended. Waits as long as they take.
  void RunOnce(std::size_t threads);
  /// Asks all runs to stop and waits for them. It may start again.
  void Stop();

  /// Whether the work does not go on, which is a fault of ours: a run has not
  /// ended long after it should have, for the deadline is part of the run; or
  /// runs are due while threads are at rest and none of them takes one.
  bool IsStalled() const;

 private:
  struct Entry {
    Job job;
    MonoTime due{};
    std::optional<MonoTime> started{};
    bool first_pass = true;
    bool again = false;  // due as soon as its run ends
  };
  struct Admitted {
    Entry* entry;
    api::Admission::Ticket ticket;
  };

  void Work(const std::stop_token& stop);
  /// Puts the job where it waits for its next run.
  void PutBack(Entry& entry, std::optional<Duration> interval);
  static std::optional<Duration> RunJob(const Job& job,
                                        const std::stop_token& stop);
  /// The next run that may start; nothing if `stop` was requested.
  std::optional<Admitted> AwaitStart(std::unique_lock<std::mutex>& lock,
                                     const std::stop_token& stop);
  std::optional<Admitted> TakeAdmissible();
  void Rest(std::unique_lock<std::mutex>& lock, const std::stop_token& stop,
            MonoTime until);
  void MoveDue(MonoTime now);
  void TakeOver(const Entry& before, Entry& entry, MonoTime now);
  MonoTime NextDue(const Entry& entry, Duration interval, MonoTime now);
  Duration Spread(Duration interval);

  Clock& clock_;
  Random& random_;
  api::Admission admission_;
  mutable std::mutex mutex_;  // guards all down to watched_
  std::condition_variable_any changed_;
  std::condition_variable all_ran_;  // told by the last run of RunOnce()
  bool once_ = false;                // no job is due again
  std::deque<Entry> entries_;        // stable addresses
  std::multimap<MonoTime, Entry*> waiting_;
  // Due and not started, over all hosts, by when they would be due again, or in
  // ten minutes if that is sooner: what is wanted every minute does not wait
  // behind a line of what is wanted every hour, and that gets its turn soon.
  std::multimap<MonoTime, Entry*> ready_;
  std::size_t resting_ = 0;  // threads with nothing to do
  MonoTime stirred_{};       // when a run last began, ended or became due
  // What the earliest of the waiting threads waits for; the others wait to be
  // called.
  std::optional<MonoTime> watched_;
  std::vector<std::jthread> threads_;
};

}  // namespace serverspace::exporter
