#include "stress/page_reader.h"

#include <gtest/gtest.h>

#include "stress/growth.h"

namespace serverspace::stress {
namespace {

using metrics::Format;

constexpr const char* kHead = "# HELP a_total A.\n# TYPE a_total counter\n";

TEST(PageReaderTest, ReadsBothFormats) {
  const auto text =
      ReadPage(std::string(kHead) +
                   "a_total{x=\"1\",y=\"q\\\"\\\\\\n\"} 2.5\na_total 1\n"
                   "# HELP b_info B.\n# TYPE b_info gauge\nb_info 1\n"
                   "# HELP h H.\n# TYPE h histogram\n"
                   "h_bucket{le=\"+Inf\"} 1\nh_sum 0.5\nh_count 1\n",
               Format::kText);
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(text.value().size(), 6U);
  const Sample& sample = text.value().at("a_total{x=\"1\",y=\"q\\\"\\\\\\n\"}");
  EXPECT_EQ(sample.Label("y"), "q\"\\\n");
  EXPECT_EQ(sample.Label("z"), "");
  EXPECT_EQ(sample.value, 2.5);
  EXPECT_TRUE(sample.only_grows);
  EXPECT_FALSE(text.value().at("b_info").only_grows);
  EXPECT_TRUE(text.value().at("h_count").only_grows);

  const auto open = ReadPage(
      "# HELP a A.\n# TYPE a counter\na_total 1\n"
      "# HELP b B.\n# TYPE b info\nb_info{c=\"d\"} 1\n# EOF\n",
      Format::kOpenMetrics);
  ASSERT_TRUE(open.ok()) << open.error().message;
  EXPECT_EQ(open.value().size(), 2U);
}

TEST(PageReaderTest, RefusesWhatIsNoPage) {
  for (const std::string line : {"a_total 1",
                                 "b 1\n",
                                 "a_total\n",
                                 "a_total x\n",
                                 "a_total 1 \n",
                                 "a_total{} 1\n",
                                 "a_total{x=1} 1\n",
                                 "a_total{x=\"1} 1\n",
                                 "a_total{x=\"\\t\"} 1\n",
                                 "a_total{x=\"1\",x=\"1\"} 1\n",
                                 "a_total{x=\"1\" 1\n",
                                 "a_total 1\na_total 1\n",
                                 "a_total -1\n",
                                 "\n",
                                 "a_total NaN\n",
                                 "\xff\n",
                                 "# EOF\n",
                                 "a_total_sum 1\n",
                                 "# HELP a_total A.\n",
                                 "# TYPE a_total counter\n",
                                 "# HELP b B.\n# TYPE b thing\n",
                                 "# HELP b B.\n# TYPE b gauge\na_total 1\n"}) {
    EXPECT_FALSE(ReadPage(kHead + line, Format::kText).ok()) << line;
  }
  for (const char* text : {"", "# EOF", "# EOF\n# EOF\n",
                           "# HELP a A.\n# TYPE a counter\na 1\n# EOF\n",
                           "# HELP b B.\n# TYPE b info\nb 1\n# EOF\n"}) {
    EXPECT_FALSE(ReadPage(text, Format::kOpenMetrics).ok()) << text;
  }
}

TEST(PageReaderTest, FindsWords) {
  EXPECT_EQ(FirstOf("one two", {"three", "two"}), "two");
  EXPECT_EQ(FirstOf("one two", {"three"}), "");
}

TEST(GrowthTest, TellsOfACounterThatGoesBackWithinItsEpoch) {
  Growth growth;
  const auto look = [&growth](double value, int epoch) {
    return growth.Look({{"a_total",
                         {.name = "a_total",
                          .labels = {},
                          .value = value,
                          .only_grows = true}}},
                       [epoch](const Sample&) { return epoch; });
  };
  EXPECT_EQ(look(2, 1), "");
  EXPECT_EQ(look(3, 1), "");
  EXPECT_EQ(look(2, 1), "a_total went from 3 to 2");
  EXPECT_EQ(look(1, 2), "");
  EXPECT_EQ(look(0, Growth::kUnknown), "");
  EXPECT_EQ(look(0.5, 2), "a_total went from 1 to 0.5");
}

TEST(GrowthTest, LooksAtCountersOnly) {
  Growth growth;
  for (const double value : {2.0, 1.0}) {
    EXPECT_EQ(growth.Look({{"a", {.name = "a", .labels = {}, .value = value}}},
                          [](const Sample&) { return 1; }),
              "");
  }
}

}  // namespace
}  // namespace serverspace::stress
