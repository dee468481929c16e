#include "metrics/sample_set.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

constexpr Desc kCount{"servers", Type::kGauge, "Servers.", {}};
constexpr Desc kInfo{
    "server_info", Type::kInfo, "About.", {"server_id", "name"}};
constexpr Desc kState{
    "server_state", Type::kGauge, "State.", {"server_id", "state"}};
constexpr Desc kBalance{"balance", Type::kGauge, "Balance.", {"currency"}};
constexpr Desc kCreated{"created_timestamp_seconds", Type::kGauge, "Made.", {}};
constexpr std::array<std::string_view, 3> kStates = {"new", "active", "busy"};

class SampleSetTest : public testing::Test {
 protected:
  std::string Render() { return std::move(set_).Render().ToString(); }

  SampleSet set_{"prod"};
};

TEST_F(SampleSetTest, PutsTheProjectFirst) {
  set_.Add(kCount, {}, 2);
  set_.Add(kInfo, {"l1s1", "web"}, 1);
  EXPECT_EQ(Render(),
            "server_info{project=\"prod\",server_id=\"l1s1\",name=\"web\"} 1\n"
            "servers{project=\"prod\"} 2\n");
}

TEST_F(SampleSetTest, KnowsEachKindOfValue) {
  set_.Add(kBalance, {"USD"}, Money::FromMicros(1'229'549'070'000));
  set_.Add(kBalance, {"EUR"}, Money::FromMicros(-500'000));
  set_.Add(kBalance, {"RUB"}, 0.25);
  set_.Add(kBalance, {"KZT"}, std::size_t{7});
  set_.Add(kBalance, {"TRY"}, true);
  set_.Add(kCreated, {},
           WallTime(std::chrono::milliseconds(1'700'000'000'500)));
  set_.Add(kCount, {}, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Render(),
            "balance{project=\"prod\",currency=\"USD\"} 1229549.07\n"
            "balance{project=\"prod\",currency=\"EUR\"} -0.5\n"
            "balance{project=\"prod\",currency=\"RUB\"} 0.25\n"
            "balance{project=\"prod\",currency=\"KZT\"} 7\n"
            "balance{project=\"prod\",currency=\"TRY\"} 1\n"
            "created_timestamp_seconds{project=\"prod\"} 1700000000.5\n"
            "servers{project=\"prod\"} 9223372036854775807\n");
}

TEST_F(SampleSetTest, WritesAStateAsOneSeriesPerKnownState) {
  set_.AddStates(kState, {"l1s1"}, "active", kStates);
  EXPECT_EQ(
      Render(),
      "server_state{project=\"prod\",server_id=\"l1s1\",state=\"new\"} 0\n"
      "server_state{project=\"prod\",server_id=\"l1s1\",state=\"active\"} 1\n"
      "server_state{project=\"prod\",server_id=\"l1s1\",state=\"busy\"} 0\n");
}

TEST_F(SampleSetTest, AddsAnUnknownStateToTheKnownOnes) {
  set_.AddStates(kState, {"l1s1"}, "odd", kStates);
  EXPECT_TRUE(Render().ends_with(
      "state=\"busy\"} 0\n"
      "server_state{project=\"prod\",server_id=\"l1s1\",state=\"odd\"} 1\n"));
}

TEST_F(SampleSetTest, SaysNothingOfAnAbsentState) {
  set_.AddStates(kState, {"l1s1"}, "", kStates);
  EXPECT_EQ(Render(), "");
}

TEST_F(SampleSetTest, DropsAndCountsDuplicates) {
  set_.Add(kInfo, {"l1s1", "web"}, 1);
  set_.Add(kInfo, {"l1s1", "web"}, 2);
  set_.Add(kInfo, {"l1s1", "web 2"}, 1);
  set_.Add(kCount, {}, 1);
  set_.Add(kCount, {}, 2);
  EXPECT_EQ(set_.size(), 5U);
  const Fragment fragment = std::move(set_).Render();
  EXPECT_EQ(fragment.dropped_duplicates(), 2U);
  EXPECT_EQ(fragment.series(), 3U);
  EXPECT_TRUE(fragment.ToString().ends_with("servers{project=\"prod\"} 1\n"));
}

TEST_F(SampleSetTest, ValuesThatAreWrittenAlikeAreDuplicates) {
  set_.Add(kBalance, {"\xFF"}, 1);
  set_.Add(kBalance, {"\xFE"}, 1);
  EXPECT_EQ(std::move(set_).Render().dropped_duplicates(), 1U);
}

TEST_F(SampleSetTest, NoLabelValueLeavesItsPlace) {
  set_.Add(kInfo, {"a\",b=\"c", "x\"} 1\nevil 1"}, 1);
  EXPECT_EQ(Render(),
            "server_info{project=\"prod\",server_id=\"a\\\",b=\\\"c\","
            "name=\"x\\\"} 1\\nevil 1\"} 1\n");
}

TEST_F(SampleSetTest, RefusesAWrongNumberOfLabels) {
  EXPECT_THROW(set_.Add(kCount, {"a"}, 1), std::logic_error);
  EXPECT_THROW(set_.Add(kInfo, {"a"}, 1), std::logic_error);
  EXPECT_THROW(set_.AddStates(kState, {"a", "b"}, "new", kStates),
               std::logic_error);
  EXPECT_EQ(Render(), "");
}

TEST_F(SampleSetTest, RefusesHistograms) {
  constexpr Desc kHistogram{"took_seconds", Type::kHistogram, "Took.", {}};
  EXPECT_THROW(set_.Add(kHistogram, {}, 1), std::logic_error);
}

TEST_F(SampleSetTest, IsEmptyAfterRender) {
  set_.Add(kCount, {}, 1);
  EXPECT_FALSE(std::move(set_).Render().empty());
  EXPECT_EQ(set_.size(), 0U);
  EXPECT_TRUE(std::move(set_).Render().empty());
}

TEST_F(SampleSetTest, CopiesOfADescriptorAreOneFamily) {
  const Desc copy = kCount;
  set_.Add(kCount, {}, 1);
  set_.Add(kInfo, {"a", "b"}, 1);
  set_.Add(copy, {}, 1);
  const Fragment fragment = std::move(set_).Render();
  EXPECT_EQ(fragment.families().size(), 2U);
  EXPECT_EQ(fragment.dropped_duplicates(), 1U);
}

TEST(SampleSetProjectTest, IsEscaped) {
  SampleSet set("a\"b\\\n\xFF");
  set.Add(kCount, {}, 1);
  EXPECT_EQ(std::move(set).Render().ToString(),
            "servers{project=\"a\\\"b\\\\\\n\xEF\xBF\xBD\"} 1\n");
}

TEST(SampleSetProjectTest, IsLeftOutIfEmpty) {
  SampleSet set("");
  set.Add(kCount, {}, 1);
  set.Add(kInfo, {"a", "b"}, 1);
  EXPECT_EQ(std::move(set).Render().ToString(),
            "server_info{server_id=\"a\",name=\"b\"} 1\nservers 1\n");
}

}  // namespace
}  // namespace serverspace::metrics
