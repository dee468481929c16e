#include "base/clock.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(ClockTest, SecondsOfATimeKeepTheFraction) {
  EXPECT_DOUBLE_EQ(UnixSeconds(WallTime(milliseconds(1'700'000'000'250))),
                   1'700'000'000.25);
  EXPECT_DOUBLE_EQ(Seconds(milliseconds(-1500)), -1.5);
  EXPECT_EQ(FromSeconds(-1.5), milliseconds(-1500));
}

TEST(SystemClockTest, BothClocksGoForward) {
  const SystemClock clock;
  const MonoTime mono = clock.Mono();
  EXPECT_GE(clock.Mono(), mono);
  // Whoever builds this does so after it was written.
  EXPECT_GT(UnixSeconds(clock.Wall()), 1'700'000'000);
}

TEST(SystemClockTest, SleepsUntilTheDeadline) {
  SystemClock clock;
  const MonoTime deadline = clock.Mono() + milliseconds(5);
  EXPECT_TRUE(clock.SleepUntil(deadline, {}));
  EXPECT_GE(clock.Mono(), deadline);
}

TEST(SystemClockTest, APastDeadlineDoesNotSleep) {
  SystemClock clock;
  EXPECT_TRUE(clock.SleepUntil(clock.Mono() - hours(1), {}));
}

TEST(SystemClockTest, AStopEndsTheSleep) {
  SystemClock clock;
  bool slept_through = true;
  {
    std::jthread sleeper([&](const std::stop_token& stop) {
      slept_through = clock.SleepUntil(MonoTime::max(), stop);
    });
    sleeper.request_stop();
  }
  EXPECT_FALSE(slept_through);
}

TEST(SystemClockTest, AStopBeforeTheSleepEndsIt) {
  SystemClock clock;
  std::stop_source source;
  source.request_stop();
  EXPECT_FALSE(clock.SleepUntil(clock.Mono() - hours(1), source.get_token()));
}

TEST(SystemClockTest, ANotificationEndsTheWait) {
  SystemClock clock;
  std::mutex mutex;  // guards `ready`
  std::condition_variable_any changed;
  bool ready = false;
  std::jthread waiter([&](const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!ready && !stop.stop_requested())
      clock.Wait(changed, lock, stop, MonoTime::max());
  });
  {
    std::lock_guard lock(mutex);
    ready = true;
  }
  changed.notify_all();
  waiter = {};
  EXPECT_TRUE(ready);
}

TEST(SystemClockTest, TheWaitHoldsTheLockAtItsEnd) {
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  clock.Wait(changed, lock, {}, clock.Mono() + milliseconds(1));
  EXPECT_TRUE(lock.owns_lock());
}

TEST(BootTimeTest, IsWhatTheKernelSays) {
  std::ifstream stat("/proc/stat");
  std::string word;
  while (stat >> word && word != "btime") {
  }
  double booted = 0;
  stat >> booted;
  EXPECT_NEAR(UnixSeconds(BootTime()), booted, 2);
}

}  // namespace
}  // namespace serverspace
