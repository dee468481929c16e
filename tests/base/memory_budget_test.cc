#include "base/memory_budget.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace serverspace {
namespace {

constexpr std::size_t kMib = 1 << 20;

class MemoryBudgetTest : public testing::Test {
 protected:
  using Share = MemoryBudget::Share;

  /// What a share is told that wants more and does not wait.
  Result<void> Grow(Share& share, std::size_t mib) {
    return share.Grow(mib * kMib, clock_.Mono(), {});
  }
  MonoTime Later() { return clock_.Mono() + std::chrono::seconds(10); }

  FakeClock clock_;
  // 6 MiB for whoever comes, and 4 MiB more for one.
  const std::shared_ptr<MemoryBudget> budget_ = std::make_shared<MemoryBudget>(
      MemoryBudget::Options{.limit_bytes = 10 * kMib,
                            .largest_bytes = 4 * kMib},
      clock_);
};

TEST_F(MemoryBudgetTest, CountsNothingOfWhatIsSmall) {
  std::vector<std::unique_ptr<Share>> shares;
  for (int n = 0; n < 100; ++n) {
    shares.push_back(std::make_unique<Share>(budget_));
    EXPECT_TRUE(Grow(*shares.back(), 1).ok());
  }
  EXPECT_EQ(budget_->used_bytes(), 0U);
}

TEST_F(MemoryBudgetTest, TakesBackWhatAShareHad) {
  {
    Share share(budget_);
    EXPECT_TRUE(Grow(share, 3).ok());
    EXPECT_TRUE(Grow(share, 1).ok());
    EXPECT_EQ(budget_->used_bytes(), 3 * kMib);
  }
  EXPECT_EQ(budget_->used_bytes(), 0U);
}

TEST_F(MemoryBudgetTest, GivesNoneMoreThanOneMayHave) {
  Share share(budget_);
  EXPECT_TRUE(Grow(share, 5).ok());
  const auto refused = share.Grow(1, Later(), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNoRoom);
}

TEST_F(MemoryBudgetTest, FailsAtTheDeadlineWhereThereIsNoRoom) {
  Share a(budget_);
  Share b(budget_);
  Share c(budget_);
  Share d(budget_);
  ASSERT_TRUE(Grow(a, 4).ok());
  ASSERT_TRUE(Grow(b, 4).ok());
  ASSERT_TRUE(Grow(c, 2).ok());  // goes beyond what is for all
  const auto refused = Grow(d, 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNoRoom);
  EXPECT_EQ(budget_->used_bytes(), 7 * kMib);
}

TEST_F(MemoryBudgetTest, LetsOneOfThoseThatWaitGoOnToItsEnd) {
  Share a(budget_);
  Share b(budget_);
  ASSERT_TRUE(Grow(a, 4).ok());
  ASSERT_TRUE(Grow(b, 4).ok());
  EXPECT_TRUE(Grow(b, 1).ok());
  EXPECT_FALSE(Grow(a, 1).ok());
}

TEST_F(MemoryBudgetTest, WaitsUntilAnotherIsDone) {
  Share a(budget_);
  auto b = std::make_unique<Share>(budget_);
  Share c(budget_);
  ASSERT_TRUE(Grow(a, 4).ok());
  ASSERT_TRUE(Grow(*b, 5).ok());
  Result<void> outcome = Error{};
  {
    std::jthread waiting([&] { outcome = c.Grow(4 * kMib, Later(), {}); });
    clock_.AwaitWaiters(1);
    b.reset();
  }
  EXPECT_TRUE(outcome.ok());
}

TEST_F(MemoryBudgetTest, StopsWaitingWhenAskedTo) {
  Share a(budget_);
  Share b(budget_);
  Share c(budget_);
  ASSERT_TRUE(Grow(a, 5).ok());
  ASSERT_TRUE(Grow(b, 5).ok());
  std::stop_source stop;
  Result<void> outcome;
  {
    std::jthread waiting(
        [&] { outcome = c.Grow(4 * kMib, Later(), stop.get_token()); });
    clock_.AwaitWaiters(1);
    stop.request_stop();
  }
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
}

TEST_F(MemoryBudgetTest, BringsManyThreadsToTheirEndWithinTheLimit) {
  std::atomic<int> done = 0;
  std::atomic<bool> exceeded = false;
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 12; ++n) {
      threads.emplace_back([&] {
        Share share(budget_);
        for (int step = 0; step < 5; ++step) {
          if (!share.Grow(kMib, MonoTime::max(), {}).ok()) return;
          if (budget_->used_bytes() > 10 * kMib) exceeded = true;
          std::this_thread::yield();
        }
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 12);
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget_->used_bytes(), 0U);
}

}  // namespace
}  // namespace serverspace
