#include "collectors/operations.h"

#include <utility>

#include "collectors/collector_fixture.h"

namespace serverspace::collectors {
namespace {

class OperationsTest : public CollectorFixture {
 protected:
  std::string Lines(const std::vector<std::string_view>& ids,
                    std::string_view resource = "gateway") {
    metrics::SampleSet samples("prod");
    AddOperations(MakeRun(), resource, ids, samples);
    return std::move(samples).Render().ToString();
  }
};

TEST_F(OperationsTest, ShowNoneAsZeroWithoutAStart) {
  EXPECT_EQ(Lines({}),
            "serverspace_operations_in_progress"
            "{project=\"prod\",resource=\"gateway\"} 0\n");
}

TEST_F(OperationsTest, ShowHowManyThereAreAndTheOldestStart) {
  first_seen_.Set("operation/gateway", "l1g1", 300);
  first_seen_.Set("operation/gateway", "l1g2", 100);
  first_seen_.Set("operation/gateway", "l1g3", 200);
  EXPECT_EQ(Lines({"l1g1", "l1g2", "l1g3"}),
            "serverspace_operations_in_progress"
            "{project=\"prod\",resource=\"gateway\"} 3\n"
            "serverspace_operations_oldest_start_timestamp_seconds"
            "{project=\"prod\",resource=\"gateway\"} 100\n");
}

TEST_F(OperationsTest, AreToldForPeopleToo) {
  first_seen_.Set("operation/gateway", "l1g1", 300);
  Lines({"l1g1", "l1g2"}, "gateway");
  Lines({}, "network");
  ASSERT_EQ(operations_.size(), 2U);
  EXPECT_EQ(operations_[0].resource, "gateway");
  EXPECT_EQ(operations_[0].in_progress, 2U);
  EXPECT_TRUE(operations_[0].oldest_start.has_value());
  EXPECT_EQ(operations_[1].resource, "network");
  EXPECT_EQ(operations_[1].in_progress, 0U);
  EXPECT_EQ(operations_[1].oldest_start, std::nullopt);
}

TEST_F(OperationsTest, StayTheSameWhileTheKindOfStateChanges) {
  Lines({"l1g1"});
  EXPECT_EQ(first_seen_.shown().at("operation/gateway"),
            (FakeFirstSeen::Shown{{"l1g1", "unsettled"}}));
}

TEST_F(OperationsTest, ForgetTheStartsWhenNoneIsLeft) {
  Lines({"l1g1"});
  Lines({});
  EXPECT_TRUE(first_seen_.shown().at("operation/gateway").empty());
}

TEST_F(OperationsTest, OfDifferentResourcesAreKeptApart) {
  Lines({"a"}, "gateway");
  Lines({"b"}, "network");
  EXPECT_EQ(first_seen_.shown().at("operation/gateway").front().first, "a");
  EXPECT_EQ(first_seen_.shown().at("operation/network").front().first, "b");
}

}  // namespace
}  // namespace serverspace::collectors
