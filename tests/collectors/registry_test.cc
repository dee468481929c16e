#include "collectors/registry.h"

#include <algorithm>
#include <functional>
#include <set>

#include "collectors/collector_fixture.h"
#include "metrics/exposition.h"

namespace serverspace::collectors {
namespace {

class RegistryTest : public CollectorFixture {};

TEST_F(RegistryTest, IsSortedByNameWithEachNameOnce) {
  const auto rows = AllCollectors();
  EXPECT_EQ(std::ranges::adjacent_find(rows, std::ranges::greater_equal(),
                                       &CollectorRow::name),
            rows.end());
}

TEST_F(RegistryTest, HasTheCoreEachMinuteForOneCall) {
  for (const std::string_view name : {"project", "servers"}) {
    const auto rows = AllCollectors();
    const auto row = std::ranges::find(rows, name, &CollectorRow::name);
    ASSERT_NE(row, rows.end()) << name;
    EXPECT_EQ(row->presence, Presence::kCore);
    EXPECT_EQ(row->interval, std::chrono::seconds(60));
    EXPECT_EQ(row->calls.fixed, 1);
    EXPECT_EQ(row->calls.per_server, 0);
  }
}

TEST_F(RegistryTest, HasNoMoreCoreThanProjectAndServers) {
  EXPECT_EQ(std::ranges::count(AllCollectors(), Presence::kCore,
                               &CollectorRow::presence),
            2);
}

TEST_F(RegistryTest, MakesCollectorsThatDescribeValidFamiliesOnce) {
  std::set<std::string_view> names;
  for (const CollectorRow& row : AllCollectors()) {
    EXPECT_FALSE(row.help.empty()) << row.name;
    const auto collector = row.make();
    ASSERT_NE(collector, nullptr) << row.name;
    std::set<std::string_view> own;
    for (const metrics::Desc* desc : collector->Describe()) {
      EXPECT_NO_THROW(metrics::RequireValid(*desc)) << desc->name;
      EXPECT_TRUE(own.insert(desc->name).second) << desc->name;
      EXPECT_TRUE(desc->name.starts_with("serverspace_")) << desc->name;
      EXPECT_TRUE(desc->help.ends_with('.')) << desc->name;
    }
    EXPECT_FALSE(own.empty()) << row.name;
  }
}

TEST_F(RegistryTest, KeepsOffTheLabelsThatPrometheusAndItsUsersOwn) {
  const std::set<std::string_view> reserved = {
      "job",     "instance", "namespace", "pod",     "container",
      "service", "endpoint", "node",      "cluster", "project"};
  for (const CollectorRow& row : AllCollectors()) {
    const auto collector = row.make();
    for (const metrics::Desc* desc : collector->Describe()) {
      for (const std::string_view label : desc->labels.Get())
        EXPECT_FALSE(reserved.contains(label)) << desc->name << " " << label;
    }
  }
}

}  // namespace
}  // namespace serverspace::collectors
