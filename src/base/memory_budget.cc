#include "base/memory_budget.h"

#include <algorithm>

namespace serverspace {
namespace {

// Fewer locks for a holder that grows by little.
constexpr std::size_t kStepBytes = 1 << 20;

}  // namespace

MemoryBudget::MemoryBudget(const Options& options, Clock& clock)
    : options_(options), clock_(clock) {}

std::size_t MemoryBudget::used_bytes() const {
  std::lock_guard lock(mutex_);
  return used_;
}

bool MemoryBudget::HasRoom(const Share& share, std::size_t bytes) const {
  const std::size_t common = options_.limit_bytes - options_.largest_bytes;
  if (used_ + bytes <= common) return true;
  return (favoured_ == nullptr || favoured_ == &share) &&
         used_ + bytes <= options_.limit_bytes;
}

MemoryBudget::Share::~Share() {
  if (counted_ == 0) return;
  std::lock_guard lock(budget_->mutex_);
  budget_->used_ -= counted_;
  if (budget_->favoured_ == this) budget_->favoured_ = nullptr;
  budget_->freed_.notify_all();
}

Result<void> MemoryBudget::Share::Count(MonoTime deadline,
                                        const std::stop_token& stop) {
  const Options& options = budget_->options_;
  const std::size_t least = needed_ - kFreeBytes;
  if (least > options.largest_bytes)
    return Error{ErrorCode::kNoRoom, "it is larger than one answer may be"};
  const std::size_t wanted =
      std::min(std::max(least, counted_ + kStepBytes), options.largest_bytes);
  const std::size_t more = wanted - counted_;

  std::unique_lock lock(budget_->mutex_);
  while (!budget_->HasRoom(*this, more)) {
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "cancelled"};
    if (budget_->clock_.Mono() >= deadline) {
      return Error{ErrorCode::kNoRoom,
                   "there was no room for it in memory: too many large answers "
                   "come at once"};
    }
    budget_->clock_.Wait(budget_->freed_, lock, stop, deadline);
  }
  budget_->used_ += more;
  counted_ = wanted;
  if (budget_->used_ > options.limit_bytes - options.largest_bytes)
    budget_->favoured_ = this;
  return {};
}

}  // namespace serverspace
