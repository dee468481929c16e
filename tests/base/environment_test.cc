#include "base/environment.h"

#include <array>
#include <climits>
#include <cstdlib>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

TEST(EnvironmentTest, FakeGivesWhatItWasGiven) {
  const std::map<std::string, std::string> values = {{"A", "1"}, {"EMPTY", ""}};
  const FakeEnvironment environment(values);
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

TEST(EnvironmentTest, NamesWhatBeginsAlike) {
  const FakeEnvironment fake({{"A_1", "x"}, {"A_2", ""}, {"B_1", "x"}});
  EXPECT_EQ(fake.NamesWith("A_"), std::vector<std::string>{"A_1"});
  // NOLINTBEGIN(concurrency-mt-unsafe): the test has one thread.
  ASSERT_EQ(::setenv("SERVERSPACE_NAMES_B", "x=y", 1), 0);
  ASSERT_EQ(::setenv("SERVERSPACE_NAMES_A", "x", 1), 0);
  ASSERT_EQ(::setenv("SERVERSPACE_NAMES_EMPTY", "", 1), 0);
  // NOLINTEND(concurrency-mt-unsafe)
  EXPECT_EQ(
      SystemEnvironment().NamesWith("SERVERSPACE_NAMES_"),
      (std::vector<std::string>{"SERVERSPACE_NAMES_A", "SERVERSPACE_NAMES_B"}));
}

TEST(EnvironmentTest, TellsTheHostName) {
  FakeEnvironment fake({});
  fake.SetHostName("exporter-3");
  EXPECT_EQ(fake.HostName(), "exporter-3");
  std::array<char, HOST_NAME_MAX + 1> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size() - 1), 0);
  EXPECT_EQ(SystemEnvironment().HostName(), name.data());
}

}  // namespace
}  // namespace serverspace
