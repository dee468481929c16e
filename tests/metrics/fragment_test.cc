#include "metrics/fragment.h"

#include <utility>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

constexpr Desc kA{"a", Type::kGauge, "A.", {}};
constexpr Desc kB{"b", Type::kHistogram, "B.", {}};

Fragment Build(std::string_view a, std::string_view b) {
  FragmentBuilder builder;
  builder.AddLines(kB, b);
  builder.AddLines(kA, a);
  return std::move(builder).Build();
}

TEST(FragmentTest, SortsFamiliesByName) {
  const Fragment fragment = Build("a 1\n", "b_sum 2\nb_count 3\n");
  EXPECT_EQ(fragment.ToString(), "a 1\nb_sum 2\nb_count 3\n");
  EXPECT_EQ(fragment.series(), 3U);
  EXPECT_EQ(fragment.size_bytes(), fragment.ToString().size());
}

TEST(FragmentTest, LeavesOutFamiliesWithoutSamples) {
  const Fragment fragment = Build("", "b_count 1\n");
  ASSERT_EQ(fragment.families().size(), 1U);
  EXPECT_EQ(fragment.families()[0]->desc().name, "b");
  EXPECT_TRUE(Build("", "").empty());
}

TEST(FragmentTest, IsEqualOnlyIfAllFamiliesAre) {
  EXPECT_TRUE(Build("a 1\n", "b 1\n") == Build("a 1\n", "b 1\n"));
  EXPECT_FALSE(Build("a 1\n", "b 1\n") == Build("a 1\n", "b 2\n"));
  EXPECT_FALSE(Build("a 1\n", "b 1\n") == Build("a 1\n", ""));
  EXPECT_TRUE(Fragment() == Build("", ""));
}

TEST(FragmentBuilderTest, AddsToAFamilyThatItHas) {
  FragmentBuilder builder;
  builder.AddLines(kA, "a{x=\"1\"} 1\n");
  builder.AddLines(kB, "b_count 1\n");
  builder.AddLines(kA, "a{x=\"2\"} 1\n");
  const Fragment fragment = std::move(builder).Build();
  EXPECT_EQ(fragment.ToString(), "a{x=\"1\"} 1\na{x=\"2\"} 1\nb_count 1\n");
}

}  // namespace
}  // namespace serverspace::metrics
