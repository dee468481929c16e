#include "metrics/family_run.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

constexpr Desc kDesc{"x", Type::kGauge, "X.", {}};

std::shared_ptr<const FamilyText> Text(const std::string& name, int lines,
                                       int odd = -1) {
  FamilyTextBuilder builder(kDesc);
  for (int i = 0; i < lines; ++i)
    builder.AddLines("x{name=\"" + name + "\",id=\"a-longer-identifier-" +
                     std::to_string(i) + "\"} " + (i == odd ? "0" : "1") +
                     "\n");
  return std::make_shared<const FamilyText>(std::move(builder).Build());
}

FamilyRun::Member Member(const std::string& project, int lines, int odd = -1) {
  return {std::make_shared<const Source>(Source{project, "servers"}),
          Text(project, lines, odd)};
}

TEST(FamilyRunTest, SmallTextsShareABlock) {
  Deflater deflater;
  const FamilyRun run({Member("a", 10), Member("b", 20)}, nullptr, deflater);
  ASSERT_EQ(run.blocks().size(), 1U);
  EXPECT_EQ(run.blocks()[0].text.size(), 2U);
  EXPECT_EQ(run.blocks()[0].deflated->plain_bytes, run.size_bytes());
  EXPECT_EQ(run.series(), 30U);
}

TEST(FamilyRunTest, ALongTextHasABlockForEachSegment) {
  Deflater deflater;
  const FamilyRun run({Member("a", 5'000)}, nullptr, deflater);
  EXPECT_EQ(run.blocks().size(), run.members()[0].text->segments().size());
  EXPECT_GT(run.blocks().size(), 3U);
}

TEST(FamilyRunTest, RefersToTheTextsInsteadOfCopyingThem) {
  Deflater deflater;
  const FamilyRun run({Member("a", 10)}, nullptr, deflater);
  EXPECT_EQ(run.blocks()[0].text[0].data(),
            run.members()[0].text->segments()[0].data());
}

TEST(FamilyRunTest, TakesOverBlocksThatDidNotChange) {
  Deflater deflater;
  auto before = std::make_unique<FamilyRun>(std::vector{Member("a", 5'000)},
                                            nullptr, deflater);
  const std::uint64_t pieces = deflater.pieces();
  const FamilyRun after({Member("a", 5'000, 42)}, before.get(), deflater);
  EXPECT_EQ(deflater.pieces(), pieces + 1);
  // And needs nothing of the old run any more.
  before.reset();
  std::uint64_t plain_bytes = 0;
  for (const auto& block : after.blocks())
    plain_bytes += block.deflated->plain_bytes;
  EXPECT_EQ(plain_bytes, after.size_bytes());
}

TEST(FamilyHeadTest, HoldsBothFormats) {
  Deflater deflater;
  constexpr Desc kCounter{"x_total", Type::kCounter, "X.", {}};
  const FamilyHead head(kCounter, deflater);
  EXPECT_EQ(head.text, "# HELP x_total X.\n# TYPE x_total counter\n");
  EXPECT_EQ(head.open_metrics, "# HELP x X.\n# TYPE x counter\n");
  EXPECT_EQ(head.text_deflated.plain_bytes, head.text.size());
  EXPECT_EQ(head.open_metrics_deflated.plain_bytes, head.open_metrics.size());
}

}  // namespace
}  // namespace serverspace::metrics
