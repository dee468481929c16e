#include "collectors/call_budget.h"

#include <chrono>

#include <gtest/gtest.h>

#include "config/values.h"

namespace serverspace::collectors {
namespace {

using namespace std::chrono_literals;

TEST(CallBudgetTest, LetsThroughWhatFits) {
  const CallBudget budget{.interval = 15min, .calls = 3600};
  EXPECT_TRUE(budget.Check(0).ok());
  EXPECT_TRUE(budget.Check(3600).ok());
}

TEST(CallBudgetTest, HasNoLimitUnlessTold) {
  EXPECT_TRUE(CallBudget().Check(1'000'000).ok());
}

TEST(CallBudgetTest, TellsTheIntervalThatWouldDo) {
  const CallBudget budget{.interval = 15min, .calls = 3600};
  const auto fits = budget.Check(7200);
  ASSERT_FALSE(fits.ok());
  EXPECT_EQ(fits.error().code, ErrorCode::kTooManyCalls);
  EXPECT_EQ(fits.error().message,
            "a run needs 7200 calls, and the rate limit allows 3600 in its "
            "time; an interval of 38m would do");
}

TEST(CallBudgetTest, TellsAnIntervalThatIsLongEnoughForTheSameCheck) {
  for (const std::size_t needed : {3601U, 4000U, 9999U, 100'000U}) {
    const CallBudget budget{.interval = 15min, .calls = 3600};
    const std::string message = budget.Check(needed).error().message;
    const std::string before = "an interval of ";
    const std::size_t start = message.find(before) + before.size();
    const std::string text =
        message.substr(start, message.find(' ', start) - start);
    const auto interval = config::ParseDuration(text, 1s, 1000h);
    ASSERT_TRUE(interval.ok()) << text;
    const CallBudget told{.interval = interval.value(),
                          .calls = CallsIn(RunTime(interval.value()), 5)};
    EXPECT_TRUE(told.Check(needed).ok()) << needed << ": " << text;
  }
}

TEST(CallBudgetTest, TellsAShortIntervalInSeconds) {
  const CallBudget budget{.interval = 10s, .calls = 40};
  EXPECT_TRUE(budget.Check(41).error().message.ends_with(
      "; an interval of 13s would do"));
}

TEST(RunTimeTest, LeavesAFifthOfTheInterval) {
  EXPECT_EQ(RunTime(60s), 48s);
  EXPECT_EQ(CallsIn(48s, 5), 240U);
  EXPECT_EQ(CallsIn(-1s, 5), 0U);
}

TEST(CallBudgetTest, SurvivesATimeForNoCallsAtAll) {
  const CallBudget budget{.interval = 1s, .calls = 0};
  EXPECT_TRUE(budget.Check(0).ok());
  EXPECT_EQ(budget.Check(1).error().code, ErrorCode::kTooManyCalls);
}

}  // namespace
}  // namespace serverspace::collectors
