#include "exporter/state_stats.h"

#include <chrono>

#include <gtest/gtest.h>

namespace serverspace::exporter {
namespace {

std::string Text(const StateStats& stats) {
  metrics::SampleSet samples("");
  AddStateStats(stats, samples);
  return std::move(samples).Render().ToString();
}

TEST(StateStatsTest, SaysThatNothingIsKept) {
  EXPECT_EQ(Text({}),
            "serverspace_exporter_state_persistent 0\n"
            "serverspace_exporter_state_write_errors_total 0\n");
}

TEST(StateStatsTest, SaysWhenTheStateWasLastWritten) {
  EXPECT_EQ(Text({.persistent = true,
                  .write_errors = 3,
                  .last_write = WallTime(std::chrono::seconds(1'700'000'000))}),
            "serverspace_exporter_state_last_write_timestamp_seconds "
            "1700000000\n"
            "serverspace_exporter_state_persistent 1\n"
            "serverspace_exporter_state_write_errors_total 3\n");
}

TEST(StateStatsTest, DescribesEveryFamily) {
  EXPECT_EQ(StateStatsDescs().size(), 3U);
}

}  // namespace
}  // namespace serverspace::exporter
