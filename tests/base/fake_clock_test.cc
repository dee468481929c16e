#include "base/fake_clock.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(FakeClockTest, StandsStillUntilAdvanced) {
  FakeClock clock(WallTime(seconds(100)));
  const MonoTime mono = clock.Mono();
  EXPECT_EQ(clock.Wall(), WallTime(seconds(100)));
  EXPECT_EQ(clock.Mono(), mono);
  clock.Advance(seconds(7));
  EXPECT_EQ(clock.Wall(), WallTime(seconds(107)));
  EXPECT_EQ(clock.Mono(), mono + seconds(7));
}

TEST(FakeClockTest, AJumpMovesTheCalendarOnly) {
  FakeClock clock(WallTime(seconds(100)));
  const MonoTime mono = clock.Mono();
  clock.JumpWall(-seconds(40));
  EXPECT_EQ(clock.Wall(), WallTime(seconds(60)));
  EXPECT_EQ(clock.Mono(), mono);
}

TEST(FakeClockTest, ASleeperWakesAtItsDeadlineAndNotBefore) {
  FakeClock clock;
  std::atomic<bool> awake = false;
  const MonoTime deadline = clock.Mono() + minutes(1);
  std::jthread sleeper([&](const std::stop_token& stop) {
    EXPECT_TRUE(clock.SleepUntil(deadline, stop));
    awake = true;
  });
  clock.AwaitWaiters(1);
  clock.Advance(seconds(59));
  clock.AwaitWaiters(1);
  EXPECT_FALSE(awake);
  clock.Advance(seconds(1));
  sleeper.join();
  EXPECT_TRUE(awake);
}

TEST(FakeClockTest, AStopEndsTheSleep) {
  FakeClock clock;
  bool slept_through = true;
  {
    std::jthread sleeper([&](const std::stop_token& stop) {
      slept_through = clock.SleepUntil(clock.Mono() + hours(1), stop);
    });
    clock.AwaitWaiters(1);
  }
  EXPECT_FALSE(slept_through);
}

TEST(FakeClockTest, ANotificationEndsTheWait) {
  FakeClock clock;
  std::mutex mutex;  // guards `ready`
  std::condition_variable_any changed;
  bool ready = false;
  std::jthread waiter([&](const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!ready) clock.Wait(changed, lock, stop, MonoTime::max());
  });
  clock.AwaitWaiters(1);
  {
    std::lock_guard lock(mutex);
    ready = true;
  }
  changed.notify_all();
  waiter.join();
  EXPECT_TRUE(ready);
}

// A thread that was woken by an advance no longer counts as a waiter before it
// has done its work: else AwaitWaiters would return too early.
TEST(FakeClockTest, AwaitWaitersSeesTheWorkOfEachAdvance) {
  FakeClock clock;
  std::atomic<int> ticks = 0;
  std::jthread ticker([&](const std::stop_token& stop) {
    MonoTime next = clock.Mono() + seconds(1);
    while (clock.SleepUntil(next, stop)) {
      ++ticks;
      next += seconds(1);
    }
  });
  for (int second = 0; second < 200; ++second) {
    clock.AwaitWaiters(1);
    ASSERT_EQ(ticks, second);
    clock.Advance(seconds(1));
  }
}

TEST(FakeClockTest, ManyThreadsShareOneClock) {
  constexpr int kThreads = 8;
  constexpr int kTicks = 50;
  FakeClock clock;
  std::atomic<int> ticks = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&](const std::stop_token& stop) {
      MonoTime next = clock.Mono() + seconds(1);
      while (clock.SleepUntil(next, stop)) {
        ++ticks;
        next += seconds(1);
      }
    });
  }
  for (int tick = 0; tick < kTicks; ++tick) {
    clock.AwaitWaiters(kThreads);
    ASSERT_EQ(ticks, tick * kThreads);
    clock.Advance(seconds(1));
  }
}

TEST(FakeClockTest, ConditionVariablesMayComeAndGoDuringAdvances) {
  FakeClock clock;
  std::vector<std::jthread> sleepers;
  for (int i = 0; i < 4; ++i) {
    sleepers.emplace_back([&](const std::stop_token& stop) {
      while (clock.SleepUntil(clock.Mono() + seconds(1), stop)) {
      }
    });
  }
  for (int i = 0; i < 2000; ++i) clock.Advance(seconds(1));
  sleepers.clear();
  EXPECT_EQ(clock.Mono(), FakeClock().Mono() + seconds(2000));
}

}  // namespace
}  // namespace serverspace
