#include "app/plan.h"

#include <chrono>

#include <gtest/gtest.h>

#include "app/config_fixture.h"

namespace serverspace::app {
namespace {

using namespace std::chrono_literals;

int TenServers(const std::string&) { return 10; }

TEST(PlanTest, CountsTheCallsOfEachProjectAndHost) {
  config::Config config = MakeConfig({"a", "b"});
  config.projects[1].base_url = config.projects[0].base_url;
  Plan plan = MakePlan(config, TenServers);
  ASSERT_EQ(plan.projects.size(), 2U);
  // The project and the servers, each once a minute.
  EXPECT_DOUBLE_EQ(plan.projects[0].calls_per_minute, 2);
  EXPECT_DOUBLE_EQ(plan.calls_per_minute, 4);
  ASSERT_EQ(plan.hosts.size(), 1U);
  EXPECT_EQ(plan.hosts.at("a.example.com").projects, 2U);
  EXPECT_DOUBLE_EQ(plan.hosts.at("a.example.com").calls_per_minute, 4);

  config.collectors["servers"].interval = 30s;
  config.collectors["snapshots"].enabled = true;
  config.collectors["snapshots"].interval = 5min;
  plan = MakePlan(config, TenServers);
  EXPECT_DOUBLE_EQ(plan.projects[0].calls_per_minute, 1 + 2 + 10 / 5.0);
  EXPECT_TRUE(plan.projects[0].too_slow.empty());
}

TEST(PlanTest, CountsServersByProject) {
  config::Config config = MakeConfig({"a", "b"});
  config.collectors["snapshots"].enabled = true;
  config.collectors["snapshots"].interval = 1min;
  const Plan plan = MakePlan(
      config, [](const std::string& name) { return name == "a" ? 0 : 100; });
  EXPECT_DOUBLE_EQ(plan.projects[0].calls_per_minute, 2);
  EXPECT_DOUBLE_EQ(plan.projects[1].calls_per_minute, 102);
  EXPECT_EQ(plan.projects[1].servers, 100);
  EXPECT_GT(plan.projects[1].series, plan.projects[0].series + 1000);
  EXPECT_EQ(plan.series, plan.own_series + plan.projects[0].series +
                             plan.projects[1].series);
}

TEST(PlanTest, NamesWhatCannotEndInItsTime) {
  config::Config config = MakeConfig({"a"});
  config.collectors["snapshots"].enabled = true;
  config.collectors["snapshots"].interval = 10s;
  config.api.max_requests_per_second = 1;
  const auto too_slow = [&](int servers) {
    return MakePlan(config, [&](const std::string&) { return servers; })
        .projects[0]
        .too_slow;
  };
  EXPECT_TRUE(too_slow(8).empty());
  EXPECT_EQ(too_slow(9), std::vector<std::string>{"snapshots"});
}

TEST(PlanTest, TellsCallsInWords) {
  EXPECT_EQ(CallsText({.fixed = 2}), "2");
  EXPECT_EQ(CallsText({.fixed = 0, .per_server = 1}), "1 per server");
  EXPECT_EQ(CallsText({.fixed = 1, .per_server = 0, .per_domain = 1}),
            "1 + 1 per domain");
}

}  // namespace
}  // namespace serverspace::app
