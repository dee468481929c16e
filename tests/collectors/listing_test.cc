#include "collectors/listing.h"

#include <optional>

#include <gtest/gtest.h>

#include "api/types.h"

namespace serverspace::collectors {
namespace {

TEST(ListingTest, JoinsTagsSortedBetweenCommas) {
  EXPECT_EQ(JoinTags({}), "");
  EXPECT_EQ(JoinTags({"web", "prod"}), ",prod,web,");
  EXPECT_EQ(JoinTags({"a,b"}), ",a_b,");
}

TEST(ListingTest, WritesAPrefixOnlyWhenBothPartsAreKnown) {
  api::Network network;
  EXPECT_EQ(Prefix(network), "");
  network.address = "10.20.0.0";
  EXPECT_EQ(Prefix(network), "");
  network.prefix_length = 0;
  EXPECT_EQ(Prefix(network), "10.20.0.0/0");
  network.address.clear();
  EXPECT_EQ(Prefix(network), "");
}

TEST(ListingTest, TakesNewAndBusyForUnsettled) {
  EXPECT_TRUE(IsUnsettled("new"));
  EXPECT_TRUE(IsUnsettled("busy"));
  for (const char* state : {"", "active", "blocked", "upgrading"})
    EXPECT_FALSE(IsUnsettled(state)) << state;
}

}  // namespace
}  // namespace serverspace::collectors
