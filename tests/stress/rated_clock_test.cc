#include "stress/rated_clock.h"

#include <chrono>
#include <limits>

#include <gtest/gtest.h>

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;

TEST(RatedClockTest, RunsFasterThanTheMachine) {
  const SystemClock machine;
  RatedClock clock(1e6);
  const MonoTime machine_start = machine.Mono();
  const MonoTime start = clock.Mono();
  const WallTime wall = clock.Wall();
  ASSERT_TRUE(clock.SleepUntil(start + 1h, {}));
  EXPECT_GE(clock.Mono(), start + 1h);
  EXPECT_GE(clock.Wall() - wall, 59min);
  EXPECT_GE(machine.Mono() - machine_start, 3600us);
  EXPECT_LT(machine.Mono() - machine_start, 1min);
}

TEST(RatedClockTest, GoesOnFromWhereItIsAtAnotherRate) {
  RatedClock clock(1e6);
  const MonoTime start = clock.Mono();
  ASSERT_TRUE(clock.SleepUntil(start + 24h, {}));
  clock.SetRate(1e-3);
  const MonoTime slow = clock.Mono();
  EXPECT_GE(slow, start + 24h);
  EXPECT_LT(clock.Mono() - slow, 1min);
  EXPECT_GE(clock.Mono(), slow);
}

TEST(RatedClockTest, KnowsWhenThatIsOnTheMachine) {
  const RatedClock clock(100);
  const SystemClock machine;
  const MonoTime before = machine.Mono();
  const MonoTime then = clock.OnMachine(clock.Mono() + 100h);
  EXPECT_GE(then, before + 59min);
  EXPECT_LE(then, machine.Mono() + 61min);
  EXPECT_GT(clock.OnMachine(MonoTime::max()), machine.Mono());
}

TEST(RatedClockTest, AStopEndsAWait) {
  RatedClock clock(1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.SleepUntil(clock.Mono() + 1h, stop.get_token()));
}

}  // namespace
}  // namespace serverspace::stress
