#include "app/reload.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "metrics/exposition.h"

namespace serverspace::app {
namespace {

using namespace std::chrono_literals;
using Problems = std::vector<config::Problem>;

class ReloaderTest : public testing::Test {
 protected:
  std::string Metrics() {
    metrics::SampleSet samples("");
    reloader_.AddMetrics(samples);
    return std::move(samples).Render().ToString();
  }
  static std::string Expected(bool successful, std::string_view at) {
    return std::string(
               "serverspace_exporter_config_last_reload_success_timestamp_"
               "seconds ") +
           std::string(at) +
           "\nserverspace_exporter_config_last_reload_successful " +
           (successful ? "1\n" : "0\n");
  }

  FakeClock clock_;
  RecordingLog log_;
  config::Loaded loaded_;
  Result<config::Loaded, Problems> answer_ = loaded_;
  Result<exporter::Changes> applied_ = exporter::Changes();
  int applications_ = 0;
  Reloader reloader_{[this] { return answer_; },
                     [this](const config::Config&) {
                       ++applications_;
                       return applied_;
                     },
                     config::Config(), clock_, log_};
};

TEST_F(ReloaderTest, TakesTheStartForASuccess) {
  EXPECT_EQ(Metrics(), Expected(true, "1700000000"));
}

TEST_F(ReloaderTest, AppliesWhatWasLoaded) {
  clock_.Advance(60s);
  loaded_.config.projects.resize(3);
  loaded_.warnings = {{"a.yml", 1, 1, "x", "is odd"}};
  answer_ = loaded_;
  applied_ = exporter::Changes{.added = 2, .removed = 1, .reconnected = 0};
  EXPECT_TRUE(reloader_.Reload().ok());
  EXPECT_EQ(applications_, 1);
  EXPECT_EQ(Metrics(), Expected(true, "1700000060"));
  EXPECT_EQ(log_.Lines(),
            (std::vector<std::string>{
                "warn configuration warning reason=a.yml:1:1: x: is odd",
                "info configuration reloaded projects=3 added=2 removed=1 "
                "reconnected=0"}));
}

TEST_F(ReloaderTest, ChangesNothingAfterAnError) {
  clock_.Advance(60s);
  answer_ = Problems{{"a.yml", 1, 1, "x", "is odd"}, {"", 0, 0, "--y", "no"}};
  const auto outcome = reloader_.Reload();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message, "a.yml:1:1: x: is odd\n--y: no");
  EXPECT_EQ(applications_, 0);
  EXPECT_EQ(Metrics(), Expected(false, "1700000000"));
  EXPECT_EQ(reloader_.refused(), clock_.Wall());
  EXPECT_EQ(log_.Lines(),
            (std::vector<std::string>{
                "error configuration not reloaded; the one before stays "
                "reason=a.yml:1:1: x: is odd",
                "error configuration not reloaded; the one before stays "
                "reason=--y: no"}));
  answer_ = loaded_;
  EXPECT_TRUE(reloader_.Reload().ok());
  EXPECT_EQ(Metrics(), Expected(true, "1700000060"));
  EXPECT_EQ(reloader_.refused(), std::nullopt);
}

TEST_F(ReloaderTest, TellsWhyItCouldNotApply) {
  applied_ = Error{ErrorCode::kInvalidInput, "ca_file: no certificates"};
  const auto outcome = reloader_.Reload();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message, "ca_file: no certificates");
  EXPECT_EQ(Metrics(), Expected(false, "1700000000"));
}

TEST_F(ReloaderTest, DoesNotFloodTheLog) {
  answer_ = Problems(1000, {"a.yml", 1, 1, "x", "is odd"});
  const auto outcome = reloader_.Reload();
  EXPECT_EQ(std::ranges::count(outcome.error().message, '\n'), 20);
  ASSERT_EQ(log_.Lines().size(), 21U);
  EXPECT_EQ(log_.Lines().back(),
            "error configuration not reloaded; the one before stays "
            "reason=and 980 more: check-config tells all");
}

TEST_F(ReloaderTest, WarnsOfWhatTakesARestart) {
  loaded_.config.web.listen_addresses = {":1"};
  loaded_.config.state_file = "/var/lib/state.json";
  answer_ = loaded_;
  EXPECT_TRUE(reloader_.Reload().ok());
  EXPECT_EQ(log_.Lines("warn"),
            (std::vector<std::string>{
                "warn a changed setting takes effect at the next start only "
                "setting=web.listen-address",
                "warn a changed setting takes effect at the next start only "
                "setting=state_file"}));
}

TEST_F(ReloaderTest, DescribesItsMetrics) {
  metrics::SampleSet samples("");
  reloader_.AddMetrics(samples);
  std::set<std::string_view> shown;
  const metrics::Fragment fragment = std::move(samples).Render();
  for (const auto& family : fragment.families())
    shown.insert(family->desc().name);
  std::set<std::string_view> described;
  for (const metrics::Desc* desc : Reloader::Describe()) {
    EXPECT_NO_THROW(metrics::RequireValid(*desc));
    described.insert(desc->name);
  }
  EXPECT_EQ(shown, described);
}

TEST(ReloaderThreadsTest, ReloadsOneAfterTheOtherAndNeverHoldsUpMetrics) {
  FakeClock clock;
  RecordingLog log;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::latch loading(1);
  std::latch go_on(1);
  Reloader reloader(
      [&]() -> Result<config::Loaded, Problems> {
        most = std::max(most.load(), ++inside);
        if (inside == 1 && !loading.try_wait()) loading.count_down();
        go_on.wait();
        return config::Loaded();
      },
      [&](const config::Config&) -> Result<exporter::Changes> {
        --inside;
        return exporter::Changes();
      },
      config::Config(), clock, log);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { EXPECT_TRUE(reloader.Reload().ok()); });
      if (i == 0) loading.wait();
    }
    metrics::SampleSet samples("");
    reloader.AddMetrics(samples);
    go_on.count_down();
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(log.Lines("info configuration reloaded").size(), 4U);
}

}  // namespace
}  // namespace serverspace::app
