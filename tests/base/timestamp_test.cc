#include "base/timestamp.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

struct Case {
  std::string_view text;
  std::int64_t nanoseconds;
};

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(ParseTimestampTest, ReadsWhatTheApiWrites) {
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2020-09-01T07:33:43.4310000Z", 1'598'945'623 * kSecond + 431'000'000},
      {"2020-09-01T07:33:43.431Z", 1'598'945'623 * kSecond + 431'000'000},
      {"2020-09-01T07:33:43", 1'598'945'623 * kSecond},
      {"2020-09-01t07:33:43z", 1'598'945'623 * kSecond},
      {"2020-09-01 07:33:43", 1'598'945'623 * kSecond},
      {"2020-09-01T07:33:43.1", 1'598'945'623 * kSecond + 100'000'000},
      {"2020-09-01T07:33:43.123456789Z", 1'598'945'623 * kSecond + 123'456'789},
      {"2020-09-01T07:33:43.1234567899999Z",
       1'598'945'623 * kSecond + 123'456'789},
      // Offsets, with and without the colon.
      {"2020-09-01T10:33:43+03:00", 1'598'945'623 * kSecond},
      {"2020-09-01T10:33:43+0300", 1'598'945'623 * kSecond},
      {"2020-08-31T23:03:43.5-08:30", 1'598'945'623 * kSecond + 500'000'000},
      {"2020-09-01T07:33:43-00:00", 1'598'945'623 * kSecond},
      // Calendar edges.
      {"2024-02-29T00:00:00Z", 1'709'164'800 * kSecond},
      {"2000-02-29T23:59:59Z", 951'868'799 * kSecond},
      {"2016-12-31T23:59:60Z", 1'483'228'800 * kSecond},
      {"1969-12-31T23:59:59.5Z", -kSecond / 2},
      {"2261-12-31T23:59:59Z", 9'214'646'399 * kSecond},
      {"1678-01-01T00:00:00Z", -9'214'560'000 * kSecond},
      {"1678-01-01T00:00:00+23:59", (-9'214'560'000 - 86'340) * kSecond},
      {"2261-12-31T23:59:60-23:59", (9'214'646'400 + 86'340) * kSecond},
  };
  for (const Case& c : cases) {
    const auto time = ParseTimestamp(c.text);
    ASSERT_TRUE(time.has_value()) << c.text;
    EXPECT_EQ(time->time_since_epoch().count(), c.nanoseconds) << c.text;
  }
}

TEST(ParseTimestampTest, RefusesEverythingElse) {
  const std::string_view cases[] = {
      "",
      "2020",
      "2020-09-01",
      "2020-09-01T",
      "2020-09-01T07:33",
      "2020-09-01T07:33:4",
      "2020-09-01T07:33:43.",
      "2020-09-01T07:33:43.Z",
      "2020-09-01T07:33:43,5Z",
      "2020-09-01T07:33:43ZZ",
      "2020-09-01T07:33:43Z ",
      " 2020-09-01T07:33:43Z",
      "2020-09-01T07:33:43 Z",
      "2020-09-01T07:33:43+",
      "2020-09-01T07:33:43+3",
      "2020-09-01T07:33:43+03",
      "2020-09-01T07:33:43+03:0",
      "2020-09-01T07:33:43+24:00",
      "2020-09-01T07:33:43+03:60",
      "2020-09-01T07:33:43+03:00x",
      "2020-09-01X07:33:43Z",
      "2020/09/01T07:33:43Z",
      "20-09-01T07:33:43Z",
      "2020-9-01T07:33:43Z",
      "+020-09-01T07:33:43Z",
      "-020-09-01T07:33:43Z",
      // Dates and times that do not exist.
      "2020-00-01T00:00:00Z",
      "2020-13-01T00:00:00Z",
      "2020-01-00T00:00:00Z",
      "2020-01-32T00:00:00Z",
      "2020-04-31T00:00:00Z",
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2020-01-01T24:00:00Z",
      "2020-01-01T00:60:00Z",
      "2020-01-01T00:00:61Z",
      // Before and after what 64 bits of nanoseconds hold; .NET writes the
      // first for a date that is not set.
      "0001-01-01T00:00:00",
      "1677-12-31T23:59:59Z",
      "2262-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
  };
  for (const std::string_view text : cases)
    EXPECT_FALSE(ParseTimestamp(text).has_value()) << text;
}

TEST(ParseHttpDateTest, ReadsTheFormOfTheStandard) {
  const Case cases[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777 * kSecond},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Thu, 29 Feb 2024 23:59:59 GMT", 1'709'251'199 * kSecond},
      {"Sat, 31 Dec 2016 23:59:60 GMT", 1'483'228'800 * kSecond},
  };
  for (const Case& c : cases) {
    const auto time = ParseHttpDate(c.text);
    ASSERT_TRUE(time.has_value()) << c.text;
    EXPECT_EQ(time->time_since_epoch().count(), c.nanoseconds) << c.text;
  }
}

TEST(ParseHttpDateTest, RefusesEverythingElse) {
  const std::string_view cases[] = {
      "",
      "120",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 6 Nov 1994 08:49:37 GMT ",
      "Sun,  6 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      "Sun, 06 Nox 1994 08:49:37 GMT",
      "Sun, 06-Nov-1994 08:49:37 GMT",
      "Wed, 31 Nov 1994 08:49:37 GMT",
      "Thu, 29 Feb 2023 23:59:59 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov 1994 08-49-37 GMT",
      "Sun, 06 Nov 0001 08:49:37 GMT",
  };
  for (const std::string_view text : cases)
    EXPECT_FALSE(ParseHttpDate(text).has_value()) << text;
}

TEST(FormatTimestampTest, WritesWholeSeconds) {
  const auto format = [](std::int64_t nanoseconds) {
    return FormatTimestamp(WallTime(std::chrono::nanoseconds(nanoseconds)));
  };
  EXPECT_EQ(format(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format(1'598'945'623 * kSecond + 999'999'999),
            "2020-09-01T07:33:43Z");
  EXPECT_EQ(format(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(FormatTimestamp(WallTime::min()), "1677-09-21T00:12:43Z");
  EXPECT_EQ(FormatTimestamp(WallTime::max()), "2262-04-11T23:47:16Z");
}

TEST(FormatTimestampTest, WhatItWritesIsReadBack) {
  for (std::int64_t second = -3'000'000'000; second < 8'000'000'000;
       second += 98'765'432) {
    const WallTime time{std::chrono::seconds(second)};
    EXPECT_EQ(ParseTimestamp(FormatTimestamp(time)), time);
  }
}

}  // namespace
}  // namespace serverspace
