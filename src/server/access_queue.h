#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"

namespace serverspace::server {

/// One thread, of low priority, on which passwords are checked. So that guesses
/// by the thousand neither use up a processor nor keep the right password out,
/// whoever has failed least in the last minute comes first, and after a failure
/// the thread rests for as long as the check took. Threads may share one.
class AccessQueue {
 public:
  /// `clock` outlives the queue.
  AccessQueue(std::size_t limit, const Clock& clock);
  AccessQueue(const AccessQueue&) = delete;
  AccessQueue& operator=(const AccessQueue&) = delete;
  ~AccessQueue();

  /// Has `check` run, which tells whether it admits. At the end `done` is
  /// called once: with false if there was no room and it did not run. A peer is
  /// an address; those of one IPv6 network count as one. Neither function may
  /// throw.
  void Post(std::string_view peer, std::function<bool()> check,
            std::function<void(bool ran)> done);

  /// Tells all who wait that there is no room and awaits the running check.
  void Stop();

 private:
  struct Job {
    std::string peer;
    std::function<bool()> check;
    std::function<void(bool)> done;
  };
  struct Failures {
    std::size_t count = 0;
    MonoTime last{};
  };

  void Run(const std::stop_token& stop);
  // With mutex_ held:
  std::size_t FailuresOf(const std::string& peer) const;
  std::size_t QueuedOf(const std::string& peer) const;
  std::list<Job> TakeNext();
  void NoteFailure(const std::string& peer);

  const std::size_t limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards jobs_, failures_ and stopped_
  std::condition_variable_any changed_;
  std::list<Job> jobs_;
  std::map<std::string, Failures> failures_;
  bool stopped_ = false;
  std::jthread thread_;  // last: runs on what is above
};

}  // namespace serverspace::server
