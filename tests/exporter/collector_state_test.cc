#include "exporter/collector_state.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "metrics/exposition.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

std::string Lines(const CollectorState& state) {
  metrics::SampleSet samples("prod");
  AddCollectorState("servers", state, samples);
  return std::move(samples).Render().ToString();
}

CollectorState After(bool success) {
  return {.interval = 60s,
          .stale_after = 600s,
          .success = success,
          .last_attempt = WallTime(1'700'000'060s),
          .last_success = WallTime(1'700'000'000s),
          .last_duration = 250ms,
          .series = 7};
}

TEST(CollectorStateTest, ShowsEveryReasonFromZeroBeforeTheFirstRun) {
  EXPECT_EQ(
      Lines({.interval = 60s}),
      R"(serverspace_collector_dropped_series_total{project="prod",collector="servers",reason="duplicate"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="auth"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="rate_limited"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="timeout"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="network"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="tls"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="server_error"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="bad_response"} 0
serverspace_collector_errors_total{project="prod",collector="servers",reason="other"} 0
serverspace_collector_interval_seconds{project="prod",collector="servers"} 60
serverspace_collector_series{project="prod",collector="servers"} 0
)");
}

TEST(CollectorStateTest, ShowsHowTheLastRunFared) {
  CollectorState state = After(true);
  state.dropped_duplicates = 3;
  const std::string lines = Lines(state);
  for (
      const std::string expected :
      {R"(success{project="prod",collector="servers"} 1)",
       R"(supported{project="prod",collector="servers"} 1)",
       R"(duration_seconds{project="prod",collector="servers"} 0.25)",
       R"(last_success_timestamp_seconds{project="prod",collector="servers"} 1700000000)",
       R"(last_attempt_timestamp_seconds{project="prod",collector="servers"} 1700000060)",
       R"(series{project="prod",collector="servers"} 7)",
       R"(dropped_series_total{project="prod",collector="servers",reason="duplicate"} 3)"}) {
    EXPECT_NE(lines.find("serverspace_collector_" + expected + "\n"),
              std::string::npos)
        << expected;
  }
}

TEST(CollectorStateTest, ShowsSkippedRunsFromZeroWhereTheyCanBe) {
  CollectorState state = After(true);
  EXPECT_EQ(Lines(state).find("skipped_runs"), std::string::npos);
  state.skipped_runs = 0;
  EXPECT_NE(Lines(state).find("serverspace_collector_skipped_runs_total"
                              "{project=\"prod\",collector=\"servers\"} 0\n"),
            std::string::npos);
}

TEST(CollectorStateTest, ShowsAFailureAsZero) {
  EXPECT_NE(Lines(After(false))
                .find("serverspace_collector_success"
                      "{project=\"prod\",collector=\"servers\"} 0\n"),
            std::string::npos);
}

TEST(CollectorStateTest, ShowsNoErrorsOfWhatTheProjectDoesNotHave) {
  CollectorState state = After(true);
  state.supported = false;
  const std::string lines = Lines(state);
  EXPECT_EQ(lines.find("errors_total"), std::string::npos);
  EXPECT_NE(lines.find("serverspace_collector_supported"
                       "{project=\"prod\",collector=\"servers\"} 0\n"),
            std::string::npos);
}

TEST(CollectorStateTest, DescribesAllThatItShows) {
  std::set<std::string_view> described;
  for (const metrics::Desc* desc : CollectorStateDescs()) {
    EXPECT_NO_THROW(metrics::RequireValid(*desc));
    described.insert(desc->name);
  }
  metrics::SampleSet samples("prod");
  CollectorState state = After(true);
  state.skipped_runs = 0;
  AddCollectorState("servers", state, samples);
  const metrics::Fragment fragment = std::move(samples).Render();
  std::set<std::string_view> shown;
  for (const auto& family : fragment.families())
    shown.insert(family->desc().name);
  EXPECT_EQ(shown, described);
}

TEST(CollectorStateTest, IsStaleOnceTheLastSuccessIsTooLongAgo) {
  const MonoTime success(1h);
  CollectorState state = After(true);
  state.last_success_mono = success;
  state.published = true;
  EXPECT_FALSE(state.IsStale(success + 600s));
  EXPECT_TRUE(state.IsStale(success + 600s + 1ns));
  state.published = false;
  EXPECT_FALSE(state.IsStale(success + 24h));
}

}  // namespace
}  // namespace serverspace::exporter
