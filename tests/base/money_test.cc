#include "base/money.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(MoneyTest, ParsesNumbers) {
  struct Case {
    std::string_view text;
    std::int64_t micros;
  };
  const Case cases[] = {
      {"0", 0},
      {"-0", 0},
      {"-0.0", 0},
      {"0e5", 0},
      {"1", 1'000'000},
      {"+1", 1'000'000},
      {"-1", -1'000'000},
      {"007", 7'000'000},
      {"318.07", 318'070'000},
      {"1229549.07", 1'229'549'070'000},
      {"-12.5", -12'500'000},
      {"0.1", 100'000},
      {"0.000001", 1},
      {"-0.000001", -1},
      {"0.100000000000000000000000000000", 100'000},
      // Exponents.
      {"1e3", 1'000'000'000},
      {"1E3", 1'000'000'000},
      {"1.5e+3", 1'500'000'000},
      {"1.5e-3", 1'500},
      {"-2.5E-1", -250'000},
      {"123456e-6", 123'456},
      {"0.00000000000000000001e20", 1'000'000},
      {"100000000000000000000e-20", 1'000'000},
      {"0e2147483647", 0},
      {"1e-2147483648", 0},
      // Half away from zero.
      {"0.0000004", 0},
      {"0.0000005", 1},
      {"-0.0000005", -1},
      {"0.00000049999", 0},
      {"0.0000015", 2},
      {"0.0000025", 3},
      {"1.9999995", 2'000'000},
      {"0.00000005", 0},
      {"0.1000000000000000055511151231257827", 100'000},
      // The edges of 64 bits.
      {"9223372036854.775807", kMax},
      {"9223372036854.7758074", kMax},
      {"-9223372036854.775807", -kMax},
      {"-9223372036854.775808", kMin},
      {"-9223372036854.7758084", kMin},
  };
  for (const Case& c : cases) {
    const auto money = Money::Parse(c.text);
    ASSERT_TRUE(money.has_value()) << c.text;
    EXPECT_EQ(money->micros(), c.micros) << c.text;
  }
}

TEST(MoneyTest, RefusesWhatIsNoNumber) {
  const std::string_view cases[] = {
      "",      "-",     "+",    ".",     ".5",   "5.",   "1..2",  "1.2.3",
      "1,5",   " 1",    "1 ",   "1e",    "1e+",  "1e-",  "1e+-5", "1e--5",
      "1e1.5", "--1",   "+-1",  "0x10",  "NaN",  "nan",  "inf",   "Infinity",
      "1f",    "1_000", "1e5x", "\"1\"", "null", "true", "१",
  };
  for (const std::string_view text : cases)
    EXPECT_FALSE(Money::Parse(text).has_value()) << text;
  EXPECT_FALSE(Money::Parse(std::string_view("1\0", 2)).has_value());
}

TEST(MoneyTest, RefusesWhatDoesNotFit) {
  const std::string_view cases[] = {
      "9223372036854.775808",
      "9223372036854.7758075",
      "-9223372036854.775809",
      "-9223372036854.7758085",
      "9999999999999.999999",
      "18446744073709.551615",
      "18446744073709.551616",
      "10000000000000",
      "1e13",
      "-1e13",
      "1e308",
      "1e2147483647",
      "1e99999999999999999999",
      "99999999999999999999999999999999999999",
  };
  for (const std::string_view text : cases)
    EXPECT_FALSE(Money::Parse(text).has_value()) << text;
}

TEST(MoneyTest, ManyDigitsCostNothingButTime) {
  const std::string zeros(100'000, '0');
  EXPECT_EQ(Money::Parse("1." + zeros + "9")->micros(), 1'000'000);
  EXPECT_EQ(Money::Parse(zeros + "1")->micros(), 1'000'000);
  EXPECT_FALSE(Money::Parse("1" + zeros).has_value());
  EXPECT_EQ(Money::Parse("1" + zeros + "e-100000")->micros(), 1'000'000);
}

TEST(MoneyTest, PrintsTheShortestDecimal) {
  struct Case {
    std::int64_t micros;
    std::string_view text;
  };
  const Case cases[] = {
      {0, "0"},
      {1, "0.000001"},
      {-1, "-0.000001"},
      {100'000, "0.1"},
      {-500'000, "-0.5"},
      {999'999, "0.999999"},
      {1'000'000, "1"},
      {12'000'000, "12"},
      {10'000'000, "10"},
      {1'229'549'070'000, "1229549.07"},
      {-12'345'678, "-12.345678"},
      {kMax, "9223372036854.775807"},
      {kMin, "-9223372036854.775808"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(Money::FromMicros(c.micros).ToString(), c.text);
}

TEST(MoneyTest, WhatItPrintsItReadsBack) {
  std::mt19937_64 random(20'26);
  for (int i = 0; i < 20'000; ++i) {
    // Of every length, not only of the longest.
    const auto bits = static_cast<unsigned>(random() % 64);
    const Money money =
        Money::FromMicros(static_cast<std::int64_t>(random()) >> bits);
    const auto back = Money::Parse(money.ToString());
    ASSERT_TRUE(back.has_value()) << money.ToString();
    ASSERT_EQ(*back, money) << money.ToString();
  }
}

TEST(MoneyTest, AddsExactlyOrNotAtAll) {
  const auto money = [](std::int64_t micros) {
    return Money::FromMicros(micros);
  };
  EXPECT_EQ(Add(money(100'000), money(200'000)), money(300'000));
  EXPECT_EQ(Add(money(kMax), money(kMin)), money(-1));
  EXPECT_EQ(Add(money(kMax - 1), money(1)), money(kMax));
  EXPECT_EQ(Add(money(kMax), money(1)), std::nullopt);
  EXPECT_EQ(Add(money(kMin), money(-1)), std::nullopt);
  EXPECT_EQ(Subtract(money(1), money(3)), money(-2));
  EXPECT_EQ(Subtract(money(-1), money(kMax)), money(kMin));
  EXPECT_EQ(Subtract(money(0), money(kMin)), std::nullopt);
  EXPECT_EQ(Subtract(money(kMin), money(1)), std::nullopt);
}

TEST(MoneyTest, IsOrderedByAmount) {
  EXPECT_LT(Money::FromMicros(-1), Money());
  EXPECT_LT(*Money::Parse("9.99"), *Money::Parse("10"));
  EXPECT_EQ(*Money::Parse("1.50"), *Money::Parse("1.5"));
}

}  // namespace
}  // namespace serverspace
