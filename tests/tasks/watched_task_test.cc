#include "tasks/watched_task.h"

#include <numeric>

#include <gtest/gtest.h>

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;

TEST(WatchedTaskTest, NamesOutcomesAsTheStatesThatTheyAre) {
  for (const auto outcome :
       {Outcome::kCompleted, Outcome::kFailed, Outcome::kCanceled})
    EXPECT_EQ(OutcomeOf(OutcomeName(outcome)), outcome);
  // No answer says so.
  EXPECT_EQ(OutcomeOf("lost"), std::nullopt);
  EXPECT_EQ(OutcomeOf("inprogress"), std::nullopt);
  EXPECT_EQ(OutcomeOf(""), std::nullopt);
}

TEST(WatchedTaskTest, CountsADurationInTheFirstBucketThatHoldsIt) {
  Totals totals;
  totals.AddDuration(0s);
  totals.AddDuration(5s);
  totals.AddDuration(5001ms);
  totals.AddDuration(3600s);
  totals.AddDuration(2h);
  EXPECT_EQ(totals.durations.front(), 2U);
  EXPECT_EQ(totals.durations[1], 1U);
  EXPECT_EQ(totals.durations[kDurationBounds.size() - 1], 1U);
  EXPECT_EQ(totals.durations.back(), 1U);
  EXPECT_EQ(std::accumulate(totals.durations.begin(), totals.durations.end(),
                            std::uint64_t{0}),
            5U);
  EXPECT_EQ(totals.duration_sum, 5s + 5001ms + 3600s + 2h);
}

TEST(WatchedTaskTest, LeavesOutADurationThatIsTooMuchForTheSum) {
  Totals totals;
  totals.AddDuration(Duration::max() - 5s);
  totals.AddDuration(5s);
  const Totals full = totals;
  totals.AddDuration(1ns);
  EXPECT_EQ(totals, full);
  EXPECT_EQ(totals.duration_sum, Duration::max());
}

}  // namespace
}  // namespace serverspace::tasks
