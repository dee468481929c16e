#include "server/listener_connections.h"

#include <sys/socket.h>

namespace serverspace::server {
namespace {

// An answer that has not moved for this long may be ended for a newcomer.
constexpr auto kStalled = std::chrono::seconds(1);
// Ended connections need a moment to go; a flood may not outrun them by more.
// Part of the 64 descriptors that the limit leaves free.
constexpr std::size_t kMaxEnded = 32;

bool IsWaiting(ConnectionList::Phase phase) {
  return phase == ConnectionList::Phase::kIdle ||
         phase == ConnectionList::Phase::kReading ||
         phase == ConnectionList::Phase::kHandshaking;
}

}  // namespace

ConnectionList::ConnectionList(std::size_t limit, ListenerCounters& counters)
    : limit_(limit), counters_(counters) {}

std::optional<ConnectionList::Handle> ConnectionList::Admit(int socket,
                                                            MonoTime now,
                                                            MonoTime deadline) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return std::nullopt;
  if (Size() - ended_ >= limit_) {
    counters_.CountRejected(RejectReason::kConnectionLimit);
    Entry* victim = ended_ < kMaxEnded ? Victim(now) : nullptr;
    if (victim == nullptr) return std::nullopt;
    End(*victim);
  }
  return waiting_.emplace(waiting_.end(), socket, now, deadline);
}

bool ConnectionList::Update(Handle handle, Phase phase, MonoTime now,
                            MonoTime deadline) {
  const std::lock_guard lock(mutex_);
  Entry& entry = *handle;
  if (entry.ended_) return false;
  if (stopping_ && IsWaiting(phase)) return false;
  if (entry.phase_ == Phase::kHandshaking) --handshakes_;
  if (phase == Phase::kHandshaking) {
    if (handshakes_ == kMaxHandshakes) EndOldestHandshake();
    ++handshakes_;
  }
  auto& from = IsWaiting(entry.phase_) ? waiting_ : busy_;
  auto& to = IsWaiting(phase) ? waiting_ : busy_;
  to.splice(to.end(), from, handle);
  entry.phase_ = phase;
  entry.since_ = now;
  entry.deadline_ = deadline;
  return true;
}

void ConnectionList::Remove(Handle handle) {
  const std::lock_guard lock(mutex_);
  if (handle->ended_) {
    --ended_;
  } else if (handle->phase_ == Phase::kHandshaking) {
    --handshakes_;
  }
  (IsWaiting(handle->phase_) ? waiting_ : busy_).erase(handle);
  if (Size() == 0) emptied_.notify_all();
}

void ConnectionList::Sweep(MonoTime now) {
  const std::lock_guard lock(mutex_);
  for (auto* list : {&waiting_, &busy_}) {
    for (Entry& entry : *list) {
      if (entry.ended_ || entry.deadline_ > now) continue;
      if (entry.phase_ == Phase::kReading) {
        counters_.CountRejected(RejectReason::kSlowRequest);
      } else if (entry.phase_ == Phase::kHandshaking) {
        counters_.CountRejected(RejectReason::kTlsHandshake);
      } else if (entry.phase_ == Phase::kWriting) {
        counters_.CountRejected(RejectReason::kNotReading);
      }
      End(entry);
    }
  }
}

void ConnectionList::EndOldest(std::size_t count) {
  const std::lock_guard lock(mutex_);
  for (auto* list : {&waiting_, &busy_}) {
    for (Entry& entry : *list) {
      if (count == 0) return;
      if (entry.ended_) continue;
      counters_.CountRejected(RejectReason::kDescriptorLimit);
      End(entry);
      --count;
    }
  }
}

void ConnectionList::StartStopping() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (Entry& entry : waiting_) {
    if (!entry.ended_) End(entry);
  }
}

void ConnectionList::EndAll() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (auto* list : {&waiting_, &busy_}) {
    for (Entry& entry : *list) {
      if (!entry.ended_) End(entry);
    }
  }
}

bool ConnectionList::WaitUntilEmpty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, timeout, [this] { return Size() == 0; });
}

std::size_t ConnectionList::size() const {
  const std::lock_guard lock(mutex_);
  return Size();
}

void ConnectionList::End(Entry& entry) {
  entry.ended_ = true;
  ++ended_;
  if (entry.phase_ == Phase::kHandshaking) --handshakes_;
  if (!IsWaiting(entry.phase_)) {
    // What the peer does not read would stay in the kernel for minutes after
    // the close; with this it goes at once.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(entry.socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  ::shutdown(entry.socket_, SHUT_RDWR);
}

void ConnectionList::EndOldestHandshake() {
  for (Entry& entry : waiting_) {
    if (entry.ended_ || entry.phase_ != Phase::kHandshaking) continue;
    counters_.CountRejected(RejectReason::kTlsHandshake);
    return End(entry);
  }
}

ConnectionList::Entry* ConnectionList::Victim(MonoTime now) {
  for (Entry& entry : waiting_) {
    if (!entry.ended_) return &entry;
  }
  for (Entry& entry : busy_) {
    if (entry.ended_ || entry.phase_ == Phase::kWorking) continue;
    if (now - entry.since_ >= kStalled) return &entry;
  }
  return nullptr;
}

}  // namespace serverspace::server
