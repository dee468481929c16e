#include "api/host_state.h"

#include <algorithm>
#include <utility>

#include "base/timestamp.h"

namespace serverspace::api {

HostState::Pass::Pass(Pass&& other) noexcept
    : host_(std::exchange(other.host_, nullptr)), probe_(other.probe_) {}

HostState::Pass::~Pass() {
  if (host_ != nullptr) host_->Release(probe_);
}

void HostState::Pass::Reached() { std::exchange(host_, nullptr)->Close(); }

void HostState::Pass::Failed(const Error& error, http::Stage stage) {
  // Our own doing: the host had no part in it.
  if (error.code == ErrorCode::kCancelled ||
      error.code == ErrorCode::kInvalidInput || stage == http::Stage::kLocal) {
    return;
  }
  HostState* const host = std::exchange(host_, nullptr);
  if (stage == http::Stage::kExchange) {
    host->Close();
  } else {
    host->CountFailure(error, probe_);
  }
}

HostState::HostState(std::string name, const Options& options, Clock& clock,
                     Random& random, Observer& observer)
    : name_(std::move(name)),
      options_(options),
      clock_(clock),
      random_(random),
      observer_(observer) {
  observer_.OnCircuit(name_, false);
}

Result<HostState::Pass> HostState::Enter() {
  std::lock_guard lock(mutex_);
  auto allowed = CheckLocked();
  if (!allowed.ok()) return std::move(allowed).error();
  if (open_) probing_ = true;
  return Pass(*this, open_);
}

Result<void> HostState::Check() {
  std::lock_guard lock(mutex_);
  return CheckLocked();
}

void HostState::SawDate(std::string_view date, WallTime sent) {
  const auto theirs = ParseHttpDate(date);
  // Times before 1970 are no clock's, and their distance may overflow.
  if (!theirs || *theirs < WallTime()) return;
  // The header was written between sending and now, and its fraction of a
  // second was cut off: both are taken as half.
  const WallTime ours = sent + (clock_.Wall() - sent) / 2;
  observer_.OnClockOffset(name_,
                          *theirs + std::chrono::milliseconds(500) - ours);
}

Result<void> HostState::CheckLocked() const {
  if (!open_ || (!probing_ && clock_.Mono() >= probe_at_)) return {};
  return Error{last_error_.code, "circuit open: " + last_error_.message};
}

void HostState::Release(bool probe) {
  std::lock_guard lock(mutex_);
  if (probe) probing_ = false;
}

void HostState::Close() {
  std::lock_guard lock(mutex_);
  failures_ = 0;
  if (!open_) return;
  open_ = false;
  probing_ = false;
  observer_.OnCircuit(name_, false);
}

void HostState::CountFailure(const Error& error, bool probe) {
  std::lock_guard lock(mutex_);
  ++failures_;
  last_error_ = error;
  if (open_) {
    // Requests that were under way when the circuit opened say nothing new.
    if (!probe) return;
    probing_ = false;
    probe_at_ = clock_.Mono() + NextPause();
  } else if (failures_ >= options_.failures_to_open) {
    open_ = true;
    next_pause_ = options_.first_pause;
    probe_at_ = clock_.Mono() + NextPause();
    observer_.OnCircuit(name_, true);
  }
}

Duration HostState::NextPause() {
  const Duration full = next_pause_;
  next_pause_ = std::min(2 * full, options_.max_pause);
  // Between half and all of it, so that many exporters do not come back at once
  // and none comes back too soon.
  return std::chrono::duration_cast<Duration>(full *
                                              (0.5 + random_.Unit() / 2));
}

}  // namespace serverspace::api
