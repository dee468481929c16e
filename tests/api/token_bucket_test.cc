#include "api/token_bucket.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "api/leaping_clock.h"
#include "base/fake_clock.h"

namespace serverspace::api {
namespace {

using namespace std::chrono_literals;

class TokenBucketTest : public testing::Test {
 protected:
  /// How long a turn took, with an hour to wait for it.
  Duration Take() { return bucket_.Take(clock_.Mono() + 1h, {}).value(); }

  LeapingClock clock_;
  TokenBucket bucket_{{.per_second = 5, .burst = 5}, clock_};
};

TEST_F(TokenBucketTest, LetsABurstThroughAndThenTheRate) {
  for (int n = 0; n < 5; ++n) EXPECT_EQ(Take(), 0ms);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(Take(), 200ms);
}

TEST(TokenBucketOnARealClockTest, CountsNoWaitWhereThereWasNone) {
  SystemClock clock;
  TokenBucket bucket({.per_second = 5, .burst = 5}, clock);
  for (int n = 0; n < 5; ++n)
    EXPECT_EQ(bucket.Take(clock.Mono() + 1h, {}).value(), 0ns);
}

TEST_F(TokenBucketTest, FillsUpToTheBurstOnly) {
  for (int n = 0; n < 5; ++n) Take();
  clock_.Advance(1h);
  for (int n = 0; n < 5; ++n) EXPECT_EQ(Take(), 0ms);
  EXPECT_EQ(Take(), 200ms);
}

TEST_F(TokenBucketTest, FailsAtOnceWhereTheTurnComesTooLate) {
  for (int n = 0; n < 5; ++n) Take();
  const MonoTime before = clock_.Mono();
  const auto turn = bucket_.Take(before + 199ms, {});
  ASSERT_FALSE(turn.ok());
  EXPECT_EQ(turn.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(clock_.Mono(), before);
  EXPECT_EQ(Take(), 200ms) << "a failure must not use up a turn";
}

TEST_F(TokenBucketTest, GivesNoTurnAfterTheDeadline) {
  EXPECT_EQ(bucket_.Take(clock_.Mono() - 1ns, {}).error().code,
            ErrorCode::kTimeout);
  EXPECT_TRUE(bucket_.Take(clock_.Mono(), {}).ok());
}

TEST_F(TokenBucketTest, PausesForAllUntilTheMoment) {
  bucket_.PauseUntil(clock_.Mono() + 30s, {ErrorCode::kRateLimited, "busy"});
  EXPECT_EQ(Take(), 30s);
  EXPECT_EQ(Take(), 0s);
}

TEST_F(TokenBucketTest, KeepsTheLaterOfTwoPauses) {
  bucket_.PauseUntil(clock_.Mono() + 30s, {ErrorCode::kRateLimited, "first"});
  bucket_.PauseUntil(clock_.Mono() + 10s, {ErrorCode::kServerError, "second"});
  EXPECT_EQ(bucket_.Take(clock_.Mono() + 20s, {}).error().message, "first");
  EXPECT_EQ(Take(), 30s);
}

TEST_F(TokenBucketTest, FailsWithTheCauseOfAPauseThatIsTooLong) {
  bucket_.PauseUntil(clock_.Mono() + 30s, {ErrorCode::kRateLimited, "busy"});
  const auto turn = bucket_.Take(clock_.Mono() + 29s, {});
  ASSERT_FALSE(turn.ok());
  EXPECT_EQ(turn.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(turn.error().message, "busy");
}

TEST_F(TokenBucketTest, IsCancelledByStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(bucket_.Take(clock_.Mono() + 1h, stop.get_token()).error().code,
            ErrorCode::kCancelled);
}

TEST(TokenBucketThreadsTest, WakesAWaiterThatAPauseMakesHopeless) {
  FakeClock clock;
  TokenBucket bucket({.per_second = 1, .burst = 1}, clock);
  ASSERT_TRUE(bucket.Take(clock.Mono(), {}).ok());
  std::optional<Result<Duration>> turn;
  std::jthread waiter([&] { turn = bucket.Take(clock.Mono() + 5s, {}); });
  clock.AwaitWaiters(1);
  bucket.PauseUntil(clock.Mono() + 1h, {ErrorCode::kRateLimited, "busy"});
  waiter.join();
  ASSERT_TRUE(turn && !turn->ok());
  EXPECT_EQ(turn->error().code, ErrorCode::kRateLimited);
}

TEST(TokenBucketThreadsTest, WakesAWaiterOnStop) {
  FakeClock clock;
  TokenBucket bucket({.per_second = 1, .burst = 1}, clock);
  ASSERT_TRUE(bucket.Take(clock.Mono(), {}).ok());
  std::optional<Result<Duration>> turn;
  std::jthread waiter([&](const std::stop_token& stop) {
    turn = bucket.Take(clock.Mono() + 5s, stop);
  });
  clock.AwaitWaiters(1);
  waiter.request_stop();
  waiter.join();
  ASSERT_TRUE(turn && !turn->ok());
  EXPECT_EQ(turn->error().code, ErrorCode::kCancelled);
}

TEST(TokenBucketThreadsTest, BoundsManyThreadsTogether) {
  FakeClock clock;
  TokenBucket bucket({.per_second = 10, .burst = 3}, clock);
  std::mutex mutex;  // guards waits
  std::vector<Duration> waits;
  std::atomic<int> done = 0;
  std::vector<std::jthread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&] {
      const auto turn = bucket.Take(clock.Mono() + 24h, {});
      std::lock_guard lock(mutex);
      waits.push_back(turn.value());
      ++done;
    });
  }
  clock.AwaitWaiters(5);
  while (done < 8) {
    clock.Advance(10ms);
    std::this_thread::yield();
  }
  threads.clear();
  std::ranges::sort(waits);
  for (int n = 3; n < 8; ++n)
    EXPECT_GE(waits[static_cast<std::size_t>(n)], (n - 2) * 100ms) << n;
}

}  // namespace
}  // namespace serverspace::api
