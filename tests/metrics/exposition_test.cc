#include "metrics/exposition.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::metrics {
namespace {

using namespace std::string_literals;

TEST(AppendLabelValueTest, EscapesWhatBothFormatsEscapeAndRepairsTheRest) {
  const struct {
    std::string value, written;
  } cases[] = {
      {"", ""},
      {"web-1.example.com", "web-1.example.com"},
      {"a\\b", "a\\\\b"},
      {"say \"hi\"", "say \\\"hi\\\""},
      {"two\nlines", "two\\nlines"},
      {"\\n", "\\\\n"},
      {"tab\tand\rreturn", "tab\tand\rreturn"},
      {"nul\0byte"s,
       "nul\xEF\xBF\xBD"
       "byte"},
      {"grüße 服务器 🚀", "grüße 服务器 🚀"},
      {"cut \xE6\x9C", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xFF\"\n", "\xEF\xBF\xBD\\\"\\n"},
      {"} 1\nfoo{bar=\"x", "} 1\\nfoo{bar=\\\"x"},
  };
  for (const auto& c : cases) {
    std::string out = "|";
    AppendLabelValue(out, c.value);
    EXPECT_EQ(out, "|" + c.written);
  }
}

TEST(AppendValueTest, WritesDoublesAsPrometheusReadsThem) {
  const struct {
    double value;
    std::string written;
  } cases[] = {
      {0.0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-1, "-1"},
      {0.5, "0.5"},
      {0.1, "0.1"},
      {1229549.07, "1229549.07"},
      {100000, "100000"},
      {1e15, "1000000000000000"},
      {9007199254740992, "9007199254740992"},
      {9007199254740994.0, "9007199254740994"},
      {1e22, "1e+22"},
      {-1e300, "-1e+300"},
      {5e-324, "5e-324"},
      {1700000000.25, "1700000000.25"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {-std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& c : cases) {
    std::string out;
    AppendValue(out, c.value);
    EXPECT_EQ(out, c.written);
  }
}

TEST(AppendValueTest, LosesNothingOfAnyDouble) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits,
                reinterpret_cast<char*>(&value));
    if (!std::isfinite(value)) continue;
    std::string out;
    AppendValue(out, value);
    double read = 0;
    std::from_chars(out.data(), out.data() + out.size(), read);
    ASSERT_EQ(read, value) << out;
  }
}

TEST(AppendValueTest, WritesIntegersExactly) {
  std::string out;
  AppendValue(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  AppendValue(out, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 9223372036854775807");
}

TEST(AppendValueTest, WritesTimesAsPlainDecimals) {
  const struct {
    std::int64_t nanos;
    std::string written;
  } cases[] = {
      {0, "0"},
      {1'700'000'000'000'000'000, "1700000000"},
      {1'700'000'000'500'000'000, "1700000000.5"},
      {1'700'000'000'000'000'001, "1700000000.000000001"},
      {1'700'000'000'123'456'700, "1700000000.1234567"},
      {1'000, "0.000001"},
      {-1'500'000'000, "-1.5"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036.854775808"},
  };
  for (const auto& c : cases) {
    std::string out;
    AppendValue(out, WallTime(std::chrono::nanoseconds(c.nanos)));
    EXPECT_EQ(out, c.written);
  }
}

TEST(BoundLabelTest, IsCanonical) {
  const struct {
    double bound;
    std::string label;
  } cases[] = {
      {0, "0.0"},           {0.5, "0.5"},
      {1, "1.0"},           {-2.5, "-2.5"},
      {0.0001, "0.0001"},   {0.00001, "1e-05"},
      {100000, "100000.0"}, {1e6, "1e+06"},
      {1e10, "1e+10"},      {std::numeric_limits<double>::infinity(), "+Inf"},
  };
  for (const auto& c : cases) EXPECT_EQ(BoundLabel(c.bound), c.label);
}

TEST(HeadTest, NamesCountersAndInfosAsEachFormatWants) {
  const Desc counter{"x_total", Type::kCounter, "Things.", {}};
  const Desc info{"x_info", Type::kInfo, "About x.", {"name"}};
  const Desc histogram{"x_seconds", Type::kHistogram, "Times.", {}};
  EXPECT_EQ(TextHead(counter),
            "# HELP x_total Things.\n# TYPE x_total counter\n");
  EXPECT_EQ(OpenMetricsHead(counter), "# HELP x Things.\n# TYPE x counter\n");
  EXPECT_EQ(TextHead(info), "# HELP x_info About x.\n# TYPE x_info gauge\n");
  EXPECT_EQ(OpenMetricsHead(info), "# HELP x About x.\n# TYPE x info\n");
  EXPECT_EQ(TextHead(histogram), OpenMetricsHead(histogram));
}

TEST(HeadTest, EscapesHelpAsEachFormatWants) {
  const Desc desc{"x", Type::kGauge, "A \"b\" \\ c\nd \xFF.", {}};
  EXPECT_EQ(TextHead(desc),
            "# HELP x A \"b\" \\\\ c\\nd \xEF\xBF\xBD.\n# TYPE x gauge\n");
  EXPECT_EQ(OpenMetricsHead(desc),
            "# HELP x A \\\"b\\\" \\\\ c\\nd \xEF\xBF\xBD.\n# TYPE x gauge\n");
}

TEST(RequireValidTest, AcceptsWhatPagesMayShow) {
  EXPECT_NO_THROW(RequireValid({"a_total", Type::kCounter, "H.", {"x", "y"}}));
  EXPECT_NO_THROW(RequireValid({"a_info", Type::kInfo, "H.", {}}));
  EXPECT_NO_THROW(RequireValid({"a1", Type::kGauge, "H.", {"le"}}));
}

TEST(RequireValidTest, RefusesWhatWouldSpoilAPage) {
  const Desc cases[] = {
      {"", Type::kGauge, "H.", {}},
      {"1a", Type::kGauge, "H.", {}},
      {"a b", Type::kGauge, "H.", {}},
      {"a{b", Type::kGauge, "H.", {}},
      {"a", Type::kCounter, "H.", {}},
      {"a", Type::kInfo, "H.", {}},
      {"a_total", Type::kGauge, "H.", {}},
      {"a_info", Type::kGauge, "H.", {}},
      {"a", Type::kGauge, "H.", {"x", "x"}},
      {"a", Type::kGauge, "H.", {"x-y"}},
      {"a", Type::kGauge, "H.", {""}},
      {"a", Type::kHistogram, "H.", {"le"}},
  };
  for (const Desc& desc : cases)
    EXPECT_THROW(RequireValid(desc), std::logic_error) << desc.name;
}

}  // namespace
}  // namespace serverspace::metrics
