#include "base/random.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

TEST(RandomTest, StaysInTheHalfOpenUnitInterval) {
  Random random(1);
  double low = 1;
  double high = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.Unit();
    low = std::min(low, number);
    high = std::max(high, number);
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 0.01);
  EXPECT_GT(high, 0.99);
  EXPECT_LT(high, 1);
}

TEST(RandomTest, ASeedRepeatsItsNumbers) {
  Random a(7);
  Random b(7);
  Random c(8);
  const double first = a.Unit();
  EXPECT_EQ(b.Unit(), first);
  EXPECT_NE(c.Unit(), first);
}

TEST(RandomTest, ThreadsShareOne) {
  Random random(3);
  std::vector<double> sums(4);
  {
    std::vector<std::jthread> threads;
    for (double& sum : sums) {
      threads.emplace_back([&random, &sum] {
        for (int i = 0; i < 1000; ++i) sum += random.Unit();
      });
    }
  }
  for (const double sum : sums) EXPECT_NEAR(sum, 500, 60);
}

}  // namespace
}  // namespace serverspace
