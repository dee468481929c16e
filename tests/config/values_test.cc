#include "config/values.h"

#include <gtest/gtest.h>

#include "base/redact.h"
#include "base/timestamp.h"

namespace serverspace::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string DurationError(std::string_view text) {
  const auto duration = ParseDuration(text, seconds(10), hours(24 * 7));
  return duration.ok() ? "none" : duration.error().message;
}

TEST(ParseDurationTest, ReadsEveryUnitAndTheirSums) {
  const std::pair<std::string_view, Duration> kRows[] = {
      {"0s", seconds(0)},
      {"1500ms", milliseconds(1500)},
      {"90s", seconds(90)},
      {"15m", minutes(15)},
      {"6h", hours(6)},
      {"7d", hours(168)},
      {"1h30m", minutes(90)},
      {"1d2h3m4s5ms", hours(26) + minutes(3) + milliseconds(4005)},
      {"007s", seconds(7)},
      {"36500d", hours(24 * 36500)},
  };
  for (const auto& [text, expected] : kRows) {
    const auto duration = ParseDuration(text, seconds(0), hours(24 * 36500));
    ASSERT_TRUE(duration.ok()) << duration.error().message;
    EXPECT_EQ(duration.value(), expected) << text;
  }
}

TEST(ParseDurationTest, AsksForTheUnit) {
  EXPECT_EQ(DurationError("90"),
            "\"90\" has no unit: write 90s for seconds, or use m, h, d");
}

TEST(ParseDurationTest, RefusesEverythingElse) {
  for (const char* text : {"", "s", "5x", "5 s", " 5s", "5s ", "1.5h", "-5s",
                           "+5s", "1e3s", "5S", "5min", "1m1h", "1h1h", "1h30",
                           "36501d", "99999999999999999999s", "36500d1ms"}) {
    EXPECT_TRUE(DurationError(text).find("is not a duration") !=
                std::string::npos)
        << text << ": " << DurationError(text);
  }
}

TEST(ParseDurationTest, KeepsToTheBounds) {
  EXPECT_EQ(DurationError("10s"), "none");
  EXPECT_EQ(DurationError("7d"), "none");
  EXPECT_EQ(DurationError("9999ms"), "\"9999ms\" is too short: at least 10s");
  EXPECT_EQ(DurationError("7d1ms"), "\"7d1ms\" is too long: at most 7d");
}

TEST(FormatDurationTest, UsesTheFewestUnits) {
  EXPECT_EQ(FormatDuration(seconds(0)), "0s");
  EXPECT_EQ(FormatDuration(seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(hours(24 * 30)), "30d");
  EXPECT_EQ(FormatDuration(milliseconds(20)), "20ms");
}

TEST(ParseBoolTest, KnowsTrueAndFalseOnly) {
  EXPECT_TRUE(ParseBool("true").value());
  EXPECT_FALSE(ParseBool("false").value());
  for (const char* text : {"", "yes", "no", "on", "1", "0", "True", "TRUE"})
    EXPECT_FALSE(ParseBool(text).ok()) << text;
}

TEST(ParseNumberTest, KeepsToTheBounds) {
  EXPECT_DOUBLE_EQ(ParseDecimal("2.5", 0.1, 100).value(), 2.5);
  EXPECT_DOUBLE_EQ(ParseDecimal("1e2", 0.1, 100).value(), 100);
  for (const char* text : {"", "x", "5x", "1,5", " 5", "0", "-1", "100.1",
                           "nan", "inf", "1e999"}) {
    EXPECT_FALSE(ParseDecimal(text, 0.1, 100).ok()) << text;
  }
}

TEST(ParseWholeNumberTest, KeepsToTheBounds) {
  EXPECT_EQ(ParseWholeNumber("512", 1, 1000).value(), 512);
  for (const char* text : {"", "x", "1.5", "0", "1001", "99999999999999999999"})
    EXPECT_FALSE(ParseWholeNumber(text, 1, 1000).ok()) << text;
}

TEST(ParseAmountTest, MayBeNegative) {
  EXPECT_EQ(ParseAmount("-12.5").value(), Money::FromMicros(-12'500'000));
  EXPECT_EQ(ParseAmount("fifty").error().message,
            "\"fifty\" is not an amount: write a number such as 50 or 12.5");
}

TEST(ParseDateTest, IsTheStartOfTheDay) {
  EXPECT_EQ(FormatTimestamp(ParseDate("2027-03-01").value()),
            "2027-03-01T00:00:00Z");
  EXPECT_TRUE(ParseDate("2028-02-29").ok());
}

TEST(ParseDateTest, RefusesEverythingElse) {
  for (const char* text :
       {"", "2027-02-29", "2027-13-01", "2027-00-01", "2027-1-1", "01-03-2027",
        "2027/03/01", "2027-03-01T00:00:00Z", "1969-12-31", "2201-01-01",
        "20270301", "2027-03-0x"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(ParseProjectNameTest, TakesAnyText) {
  for (const std::string& name :
       {std::string("a"), std::string("Kunde 7"), std::string("проект/1"),
        std::string(128, '-')}) {
    EXPECT_EQ(ParseProjectName(name).value(), name);
  }
}

TEST(ParseProjectNameTest, RefusesWhatIsNoLabel) {
  for (const std::string& name :
       {std::string(), std::string(129, '-'), std::string("a\nb"),
        std::string("a\x7F"), std::string("\xFF"), std::string(" a"),
        std::string(64, 'a')}) {
    EXPECT_FALSE(ParseProjectName(name).ok()) << name;
  }
}

TEST(ParseBaseUrlTest, WantsTheAddressWithoutTheVersion) {
  EXPECT_EQ(ParseBaseUrl("https://api.example.com/").value(),
            (HttpsUrl{"api.example.com", 443, ""}));
  EXPECT_FALSE(ParseBaseUrl("https://api.example.com/api/v1").ok());
  EXPECT_FALSE(ParseBaseUrl("http://api.example.com").ok());
}

TEST(ParseProxyUrlTest, TakesWhatIsUsual) {
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"", ""},
      {"proxy.example.com:3128", "http://proxy.example.com:3128"},
      {"http://proxy.example.com:3128/", "http://proxy.example.com:3128"},
      {"HTTP://user:p@ss/word@proxy.example.com:3128",
       "http://user:p@ss/word@proxy.example.com:3128"},
      {"http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128"},
  };
  for (const auto& [text, expected] : kRows) {
    const auto url = ParseProxyUrl(text);
    ASSERT_TRUE(url.ok()) << text << ": " << url.error().message;
    EXPECT_EQ(url.value(), expected);
  }
}

TEST(ParseProxyUrlTest, RefusesTheRestWithoutShowingIt) {
  for (const char* text :
       {"https://user:secret@proxy.example.com", "socks5://user:secret@proxy",
        "http://user:secret%@proxy:1", "user:secret%4x@proxy:1",
        "http://user:secret@", "http://user:secret@proxy:99999",
        "http://user:secret@proxy:1/path", "http://user:secret@pro xy:1"}) {
    const auto url = ParseProxyUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
  }
}

TEST(ParseListenAddressTest, WantsAPort) {
  for (const char* text : {":10066", "127.0.0.1:0", "[::1]:10066",
                           "[2001:db8::1]:1", "host.example.com:65535"}) {
    EXPECT_EQ(ParseListenAddress(text).value(), text);
  }
  for (const char* text :
       {"", "10066", "127.0.0.1", ":", ":x", ":65536", ":-1", "::1:80", "[::1]",
        "[::1]:1:2", "a:1:2", "a/b:80", "a@b:80", "a b:80"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

TEST(QuoteTest, IsFitForALine) {
  EXPECT_EQ(Quote("a\nb"), "\"a b\"");
  EXPECT_EQ(Quote(std::string(65, '-')), '"' + std::string(64, '-') + "...\"");
  EXPECT_FALSE(HoldsKey(Quote(std::string(58, '-') + "$2y$4$\n.")));
  EXPECT_EQ(Quote(std::string(64, '4')), "<a text like an API key, not shown>");
  EXPECT_EQ(Quote("a/" + std::string(64, '4') + "/b"), "\"a/<redacted>/b\"");
  // What is cut off at the end is no reason to show the rest.
  EXPECT_EQ(Quote("a-rather-long-path-to/" + std::string(64, '4')),
            "\"a-rather-long-path-to/<redacted>\"");
}

}  // namespace
}  // namespace serverspace::config
