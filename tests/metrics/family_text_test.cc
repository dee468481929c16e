#include "metrics/family_text.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

constexpr Desc kDesc{"x", Type::kGauge, "X.", {"id"}};

std::string Line(int id, int value = 1) {
  return "x{id=\"server-with-a-rather-long-name-" + std::to_string(id) +
         "\",other=\"some more text to fill the line\"} " +
         std::to_string(value) + "\n";
}

FamilyText Build(int first, int last, int odd = -1) {
  FamilyTextBuilder builder(kDesc);
  for (int id = first; id < last; ++id)
    builder.AddLines(Line(id, id == odd ? 0 : 1));
  return std::move(builder).Build();
}

std::string Join(const FamilyText& text) {
  std::string all;
  for (const std::string& segment : text.segments()) all += segment;
  return all;
}

TEST(FamilyTextBuilderTest, KeepsAllLinesInOrder) {
  std::string expected;
  for (int id = 0; id < 5'000; ++id) expected += Line(id);
  const FamilyText text = Build(0, 5'000);
  EXPECT_EQ(Join(text), expected);
  EXPECT_EQ(text.size_bytes(), expected.size());
  EXPECT_EQ(text.series(), 5'000U);
}

TEST(FamilyTextBuilderTest, CutsSegmentsAtLineEnds) {
  const FamilyText text = Build(0, 20'000);
  EXPECT_GT(text.segments().size(), 25U);
  for (const std::string& segment : text.segments()) {
    EXPECT_LE(segment.size(), FamilyText::kMaxSegmentBytes);
    EXPECT_TRUE(segment.ends_with('\n'));
  }
}

TEST(FamilyTextBuilderTest, SegmentsStayWhenALineComesBeforeThem) {
  const FamilyText before = Build(1, 20'000);
  const FamilyText after = Build(0, 20'000);
  const std::set<std::string> old(before.segments().begin(),
                                  before.segments().end());
  const auto changed = std::ranges::count_if(
      after.segments(),
      [&](const std::string& segment) { return !old.contains(segment); });
  EXPECT_GE(changed, 1);
  EXPECT_LE(changed, 6);
}

TEST(FamilyTextBuilderTest, SegmentsStayWhenAValueChanges) {
  const FamilyText before = Build(0, 20'000);
  const FamilyText after = Build(0, 20'000, 777);
  ASSERT_EQ(before.segments().size(), after.segments().size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < after.segments().size(); ++i) {
    if (before.segments()[i] != after.segments()[i]) ++changed;
  }
  EXPECT_EQ(changed, 1U);
}

TEST(FamilyTextBuilderTest, TakesLinesLongerThanASegment) {
  const std::string longer =
      "x{id=\"" + std::string(FamilyText::kMaxSegmentBytes * 2, 'a') +
      "\"} 1\n";
  FamilyTextBuilder builder(kDesc);
  for (const std::string& line : {Line(1), longer, longer, Line(2)})
    builder.AddLines(line);
  const FamilyText text = std::move(builder).Build();
  EXPECT_TRUE(Join(text) == Line(1) + longer + longer + Line(2));
  EXPECT_EQ(text.segments().size(), 4U);
}

TEST(FamilyTextBuilderTest, AnEmptyOneIsAnEmptyText) {
  const FamilyText text = FamilyTextBuilder(kDesc).Build();
  EXPECT_TRUE(text.segments().empty());
  EXPECT_EQ(text.series(), 0U);
}

TEST(FamilyTextBuilderTest, KeepsTheFirstOfEqualSeries) {
  FamilyTextBuilder builder(kDesc);
  builder.AddLines(
      "x{id=\"a b\"} 1\nx{id=\"b\"} 2\nx{id=\"a b\"} 3\nx{id=\"a c\"} 1\n"
      "x{id=\"b\"} 2\n");
  std::size_t dropped = 1;
  const FamilyText text = std::move(builder).BuildUnique(dropped);
  EXPECT_EQ(Join(text), "x{id=\"a b\"} 1\nx{id=\"b\"} 2\nx{id=\"a c\"} 1\n");
  EXPECT_EQ(text.series(), 3U);
  EXPECT_EQ(dropped, 3U);
}

TEST(FamilyTextBuilderTest, FindsDuplicatesAcrossSegments) {
  FamilyTextBuilder builder(kDesc);
  for (int id = 0; id < 10'000; ++id) builder.AddLines(Line(id % 9'000, id));
  std::size_t dropped = 0;
  const FamilyText text = std::move(builder).BuildUnique(dropped);
  EXPECT_EQ(dropped, 1'000U);
  EXPECT_EQ(text.series(), 9'000U);
  EXPECT_TRUE(Join(text).starts_with(Line(0, 0) + Line(1, 1)));
}

TEST(FamilyTextBuilderTest, DroppingADuplicateLeavesTheTextAsWithoutIt) {
  FamilyTextBuilder builder(kDesc);
  builder.AddLines(Line(0));
  for (int id = 0; id < 3'000; ++id) builder.AddLines(Line(id));
  std::size_t dropped = 0;
  EXPECT_TRUE(std::move(builder).BuildUnique(dropped) == Build(0, 3'000));
  EXPECT_EQ(dropped, 1U);
}

TEST(FamilyTextBuilderTest, RefusesABadDescriptor) {
  constexpr Desc kBad{"1x", Type::kGauge, "X.", {}};
  EXPECT_THROW(FamilyTextBuilder{kBad}, std::logic_error);
}

TEST(FamilyTextTest, IsEqualOnlyIfAllBytesAre) {
  constexpr Desc kOther{"y", Type::kGauge, "Y.", {"id"}};
  EXPECT_TRUE(Build(0, 2'000) == Build(0, 2'000));
  EXPECT_FALSE(Build(0, 2'000) == Build(0, 2'000, 5));
  EXPECT_FALSE(Build(0, 2'000) == Build(0, 2'001));
  EXPECT_TRUE(FamilyTextBuilder(kOther).Build() ==
              FamilyTextBuilder(kOther).Build());
  EXPECT_FALSE(FamilyTextBuilder(kDesc).Build() ==
               FamilyTextBuilder(kOther).Build());
}

}  // namespace
}  // namespace serverspace::metrics
