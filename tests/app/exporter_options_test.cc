#include "app/exporter_options.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "app/version.h"
#include "collectors/registry.h"

namespace serverspace::app {
namespace {

using namespace std::chrono_literals;

Money Units(std::int64_t units) { return Money::FromMicros(units * 1'000'000); }

class ExporterOptionsTest : public testing::Test {
 protected:
  ExporterOptionsTest() {
    for (const config::CollectorDefaults& collector : CollectorDefaults()) {
      config_.collectors[collector.name] = {.enabled = collector.enabled,
                                            .interval = collector.interval,
                                            .stale_after = 10min};
    }
    config_.projects.push_back(
        {.name = "prod",
         .key = {.file = "", .key = Secret("l5-key")},
         .base_url = {.host = "api.example.com", .port = 8443, .path = "/x"},
         .api_key_expires = {},
         .balance = {}});
  }
  /// `warning/USD 50, ...` in the order of their weight.
  std::string Thresholds() {
    const exporter::ExporterOptions options = MakeExporterOptions(config_);
    std::string text;
    for (const exporter::Threshold& threshold :
         options.projects.at(0).facts.thresholds) {
      if (!text.empty()) text += ", ";
      text += threshold.severity + "/" + threshold.currency + " " +
              threshold.amount.ToString();
    }
    return text;
  }

  config::Config config_;
};

TEST_F(ExporterOptionsTest, GiveTheLoaderTheCollectorTable) {
  const auto defaults = CollectorDefaults();
  const auto rows = collectors::AllCollectors();
  ASSERT_EQ(defaults.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(defaults[i].name, rows[i].name);
    EXPECT_EQ(defaults[i].interval, rows[i].interval);
    EXPECT_EQ(defaults[i].enabled,
              rows[i].presence != collectors::Presence::kOff);
    EXPECT_EQ(defaults[i].needs, rows[i].calls.per_server > 0 ? "servers" : "");
  }
}

TEST_F(ExporterOptionsTest, CarryWhatIsSet) {
  config_.api.timeout = 7s;
  config_.api.max_requests_per_second = 2.5;
  config_.address_labels = false;
  const exporter::ExporterOptions options = MakeExporterOptions(config_);
  EXPECT_EQ(options.attempt_timeout, 7s);
  EXPECT_EQ(options.max_requests_per_second, 2.5);
  EXPECT_FALSE(options.address_labels);
  EXPECT_EQ(options.build.version, ThisBuild().version);
}

TEST_F(ExporterOptionsTest, HaveTheCollectorsThatAreOn) {
  config_.collectors["servers"].interval = 90s;
  config_.collectors["servers"].stale_after = 20min;
  config_.collectors["project"].enabled = false;
  const exporter::ExporterOptions options = MakeExporterOptions(config_);
  const auto find = [&](std::string_view name) {
    return std::ranges::find(options.collectors, name,
                             &exporter::ActiveCollector::name);
  };
  EXPECT_EQ(find("project"), options.collectors.end());
  const auto servers = find("servers");
  ASSERT_NE(servers, options.collectors.end());
  EXPECT_NE(servers->collector, nullptr);
  EXPECT_EQ(servers->presence, collectors::Presence::kCore);
  EXPECT_EQ(servers->interval, 90s);
  EXPECT_EQ(servers->stale_after, 20min);
}

TEST_F(ExporterOptionsTest, HaveTheProjects) {
  config_.projects[0].api_key_expires = WallTime(1'800'000'000s);
  const exporter::ExporterOptions options = MakeExporterOptions(config_);
  ASSERT_EQ(options.projects.size(), 1U);
  const exporter::ProjectOptions& project = options.projects[0];
  EXPECT_EQ(project.facts.name, "prod");
  EXPECT_EQ(project.facts.api_key_expires, WallTime(1'800'000'000s));
  EXPECT_EQ(project.base_url, config_.projects[0].base_url);
  EXPECT_EQ(project.key.key.Reveal(), "l5-key");
}

TEST_F(ExporterOptionsTest, HaveNoThresholdsByDefault) {
  EXPECT_EQ(Thresholds(), "");
}

TEST_F(ExporterOptionsTest, HaveThresholdsByCurrency) {
  config_.balance_by_currency["USD"] = {.warning = Units(50),
                                        .critical = Units(10)};
  config_.balance_by_currency["RUB"] = {.warning = Units(5000), .critical = {}};
  EXPECT_EQ(Thresholds(), "warning/RUB 5000, warning/USD 50, critical/USD 10");
}

TEST_F(ExporterOptionsTest, PutThresholdsOfTheProjectFirst) {
  config_.balance_by_currency["USD"] = {.warning = Units(50),
                                        .critical = Units(10)};
  config_.projects[0].balance.critical = Units(70);
  EXPECT_EQ(Thresholds(), "critical/ 70, warning/USD 50, critical/USD 10");
}

TEST_F(ExporterOptionsTest, KeepAThresholdOfZero) {
  config_.projects[0].balance.warning = Money();
  EXPECT_EQ(Thresholds(), "warning/ 0");
}

}  // namespace
}  // namespace serverspace::app
