#include "base/environment.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

TEST(EnvironmentTest, FakeGivesWhatItWasGiven) {
  const FakeEnvironment environment({{"A", "1"}, {"EMPTY", ""}});
  EXPECT_EQ(environment.Get("A"), "1");
  EXPECT_EQ(environment.Get("EMPTY"), std::nullopt);
  EXPECT_EQ(environment.Get("B"), std::nullopt);
}

TEST(EnvironmentTest, SystemReadsTheProcess) {
  // NOLINTBEGIN(concurrency-mt-unsafe): the test has one thread.
  ASSERT_EQ(::setenv("SERVERSPACE_TEST_VALUE", "x", 1), 0);
  ASSERT_EQ(::setenv("SERVERSPACE_TEST_EMPTY", "", 1), 0);
  // NOLINTEND(concurrency-mt-unsafe)
  const SystemEnvironment environment;
  EXPECT_EQ(environment.Get("SERVERSPACE_TEST_VALUE"), "x");
  EXPECT_EQ(environment.Get("SERVERSPACE_TEST_EMPTY"), std::nullopt);
  EXPECT_EQ(environment.Get("SERVERSPACE_TEST_ABSENT"), std::nullopt);
}

}  // namespace
}  // namespace serverspace
