#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "server/listener_counters.h"

namespace serverspace::server {

/// All open connections with what each is at and until when it may be. Ending
/// one shuts its socket down under the lock, so the descriptor cannot be
/// another's by then; the task that serves it sees the end of the stream and
/// removes the entry before it closes the socket. Threads share it.
class ConnectionList {
 public:
  enum class Phase {
    kIdle,         ///< Between requests.
    kReading,      ///< A request has begun, or the first one is awaited.
    kHandshaking,  ///< TLS has begun.
    kWorking,      ///< An answer is being made.
    kWriting,
    kDraining,  ///< Our side is closed, the peer's rest is read away.
  };

  class Entry;
  /// Names an entry until Remove.
  using Handle = std::list<Entry>::iterator;

  static constexpr std::size_t kMaxHandshakes = 64;

  ConnectionList(std::size_t limit, ListenerCounters& counters);

  /// Takes a connection in. At the limit the longest-idle one is ended for it,
  /// or one whose answer has not moved for a second; if all are busy, or the
  /// list is stopping, nothing.
  std::optional<Handle> Admit(int socket, MonoTime now, MonoTime deadline);

  /// A connection does something new, or its answer moved. False if it has been
  /// ended meanwhile, also because an idle one is not wanted while stopping.
  /// When too many are handshaking the longest at it is ended for the new one:
  /// those who mean it are done soon.
  [[nodiscard]] bool Update(Handle handle, Phase phase, MonoTime now,
                            MonoTime deadline);

  /// Before the socket is closed.
  void Remove(Handle handle);

  /// Ends those whose deadline has passed.
  void Sweep(MonoTime now);

  /// Ends up to `count`, the longest-idle first: descriptors have run out.
  void EndOldest(std::size_t count);

  /// Ends those without a complete request; from now on each ends after its
  /// answer.
  void StartStopping();
  void EndAll();
  /// False if connections are left after `timeout`.
  bool WaitUntilEmpty(std::chrono::milliseconds timeout);

  std::size_t size() const;

 private:
  // All below are called with mutex_ held.
  void End(Entry& entry);
  Entry* Victim(MonoTime now);
  void EndOldestHandshake();
  std::size_t Size() const { return waiting_.size() + busy_.size(); }

  const std::size_t limit_;
  ListenerCounters& counters_;
  mutable std::mutex mutex_;  // guards all below
  // Both are ordered by the last activity, oldest first.
  std::list<Entry> waiting_;    // idle, reading or handshaking
  std::list<Entry> busy_;       // the other phases
  std::size_t ended_ = 0;       // ended but not removed yet
  std::size_t handshakes_ = 0;  // not ended
  bool stopping_ = false;
  std::condition_variable emptied_;
};

/// Of no use to callers but as what a handle points at.
class ConnectionList::Entry {
 public:
  Entry(int socket, MonoTime now, MonoTime deadline)
      : socket_(socket), since_(now), deadline_(deadline) {}

 private:
  friend class ConnectionList;
  int socket_;
  Phase phase_ = Phase::kReading;
  MonoTime since_;
  MonoTime deadline_;
  bool ended_ = false;
};

}  // namespace serverspace::server
