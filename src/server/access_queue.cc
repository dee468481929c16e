#include "server/access_queue.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "base/thread_priority.h"

namespace serverspace::server {
namespace {

constexpr auto kMemory = std::chrono::minutes(1);
constexpr std::size_t kMaxPeers = 4096;
constexpr int kPrioritySteps = 10;
// For a hash that is made to be slow the rest should not be without an end.
constexpr auto kLongestRest = std::chrono::milliseconds(250);

/// Whoever has one IPv6 address has 2^64 of them.
std::string NetworkOf(std::string_view peer) {
  std::array<char, sizeof(in6_addr)> bytes{};
  std::string text(peer);
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return {bytes.data(), bytes.size() / 2};
}

}  // namespace

AccessQueue::AccessQueue(std::size_t limit, const Clock& clock)
    : limit_(limit),
      clock_(clock),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AccessQueue::~AccessQueue() { Stop(); }

void AccessQueue::Post(std::string_view peer, std::function<bool()> check,
                       std::function<void(bool)> done) {
  std::list<Job> dropped;
  {
    const std::lock_guard lock(mutex_);
    std::list<Job> added;
    added.push_back({NetworkOf(peer), std::move(check), std::move(done)});
    if (stopped_) {
      dropped.swap(added);
    } else {
      jobs_.splice(jobs_.end(), added);
      if (jobs_.size() > limit_) {
        // The last of those who ask, or fail, most.
        auto worst = jobs_.begin();
        std::size_t most = 0;
        for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
          const std::size_t blame = FailuresOf(job->peer) + QueuedOf(job->peer);
          if (blame >= most) {
            most = blame;
            worst = job;
          }
        }
        dropped.splice(dropped.end(), jobs_, worst);
      }
    }
  }
  changed_.notify_one();
  for (const Job& job : dropped) job.done(false);
}

void AccessQueue::Stop() {
  std::list<Job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(jobs_);
  }
  for (const Job& job : dropped) job.done(false);
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void AccessQueue::Run(const std::stop_token& stop) {
  // Where that is forbidden the rest after each failure has to do.
  LowerOwnPriority(kPrioritySteps);
  for (;;) {
    std::list<Job> taken;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
      taken = TakeNext();
    }
    const Job& job = taken.front();
    const MonoTime begin = clock_.Mono();
    const bool admitted = job.check();
    const Duration took = clock_.Mono() - begin;
    if (!admitted) {
      const std::lock_guard lock(mutex_);
      NoteFailure(job.peer);
    }
    job.done(true);
    if (admitted) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::min<Duration>(took, kLongestRest),
                      [] { return false; });
  }
}

std::size_t AccessQueue::FailuresOf(const std::string& peer) const {
  const auto found = failures_.find(peer);
  if (found == failures_.end()) return 0;
  return clock_.Mono() - found->second.last > kMemory ? 0 : found->second.count;
}

std::size_t AccessQueue::QueuedOf(const std::string& peer) const {
  return static_cast<std::size_t>(std::ranges::count(jobs_, peer, &Job::peer));
}

std::list<AccessQueue::Job> AccessQueue::TakeNext() {
  const auto next = std::ranges::min_element(
      jobs_, {}, [this](const Job& job) { return FailuresOf(job.peer); });
  std::list<Job> taken;
  taken.splice(taken.end(), jobs_, next);
  return taken;
}

void AccessQueue::NoteFailure(const std::string& peer) {
  if (failures_.size() >= kMaxPeers) {
    std::erase_if(failures_, [this](const auto& entry) {
      return clock_.Mono() - entry.second.last > kMemory;
    });
  }
  // A flood from everywhere makes all alike.
  if (failures_.size() >= kMaxPeers) failures_.clear();
  Failures& failures = failures_[peer];
  failures = {FailuresOf(peer) + 1, clock_.Mono()};
}

}  // namespace serverspace::server
