#include "base/log.h"

#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/secret.h"

namespace serverspace {
namespace {

static_assert(!std::is_constructible_v<LogField, std::string_view, Secret>,
              "a secret must not reach a log line");

constexpr LogFormat kLogfmt = LogFormat::kLogfmt;
constexpr LogFormat kJson = LogFormat::kJson;

std::string Line(LogFormat format, std::string_view message,
                 std::initializer_list<LogField> fields = {}) {
  return FormatLogLine(format, {}, LogLevel::kInfo, message, fields);
}

TEST(FormatLogLineTest, WritesLogfmt) {
  EXPECT_EQ(
      FormatLogLine(kLogfmt, "2026-11-20T08:44:12.000Z", LogLevel::kWarn,
                    "read failed", {{"project", "prod"}, {"attempts", 3}}),
      "ts=2026-11-20T08:44:12.000Z level=warn msg=\"read failed\" project=prod "
      "attempts=3");
}

TEST(FormatLogLineTest, WritesJson) {
  EXPECT_EQ(
      FormatLogLine(kJson, "2026-11-20T08:44:12.000Z", LogLevel::kError,
                    "read failed", {{"project", "prod"}, {"attempts", 3}}),
      R"({"ts":"2026-11-20T08:44:12.000Z","level":"error",)"
      R"("msg":"read failed","project":"prod","attempts":3})");
}

TEST(FormatLogLineTest, WritesNumbersAsJsonHasThem) {
  EXPECT_EQ(Line(kJson, "m",
                 {{"a", -3}, {"b", 0.25}, {"c", "7"}, {"d", std::nan("")}}),
            R"({"level":"info","msg":"m","a":-3,"b":0.250000,"c":"7",)"
            R"("d":"nan"})");
}

TEST(FormatLogLineTest, ShowsNothingThatLooksLikeAKey) {
  const std::string key = "is5" + std::string(61, 'x');
  EXPECT_EQ(Line(kLogfmt, "m", {{"file", "/keys/" + key + "/a"}}),
            "level=info msg=m file=/keys/<redacted>/a");
}

TEST(FormatLogLineTest, NamesEveryLevel) {
  const auto line = [](LogLevel level) {
    return FormatLogLine(kLogfmt, {}, level, "m", {});
  };
  EXPECT_EQ(line(LogLevel::kDebug), "level=debug msg=m");
  EXPECT_EQ(line(LogLevel::kInfo), "level=info msg=m");
  EXPECT_EQ(line(LogLevel::kWarn), "level=warn msg=m");
  EXPECT_EQ(line(LogLevel::kError), "level=error msg=m");
}

TEST(FormatLogLineTest, QuotesWhereAReaderWouldSplit) {
  struct Case {
    std::string_view value;
    std::string_view logfmt;
    std::string_view json;
  };
  const Case cases[] = {
      {"plain-1.5/x", "plain-1.5/x", R"("plain-1.5/x")"},
      {"", R"("")", R"("")"},
      {"two words", R"("two words")", R"("two words")"},
      {"a=b", R"("a=b")", R"("a=b")"},
      {"say \"no\"", R"("say \"no\"")", R"("say \"no\"")"},
      {"back\\slash", R"("back\\slash")", R"("back\\slash")"},
      {"a\nb", R"("a\nb")", R"("a\nb")"},
      {"a\rb", R"("a\u000db")", R"("a\u000db")"},
      {"\x1B[0m", R"("\u001b[0m")", R"("\u001b[0m")"},
      {"\x7F", R"("\u007f")", R"("\u007f")"},
      {"\u20AC", "\"\u20AC\"", "\"\u20AC\""},
      {"\xFF", "\"\uFFFD\"", "\"\uFFFD\""},
      {"{}%v", "{}%v", R"("{}%v")"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Line(kLogfmt, "m", {{"f", c.value}}),
              "level=info msg=m f=" + std::string(c.logfmt));
    EXPECT_EQ(Line(kJson, "m", {{"f", c.value}}),
              R"({"level":"info","msg":"m","f":)" + std::string(c.json) + "}");
  }
}

TEST(FormatLogLineTest, NoTextCanForgeALineOrAField) {
  const std::string forged = "x\nts=1 level=error msg=forged\r\n";
  for (const LogFormat format : {kLogfmt, kJson}) {
    const std::string line = Line(format, forged, {{"name", forged}});
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
  }
  EXPECT_EQ(Line(kLogfmt, "m", {{"name", "a\" level=\"error"}}),
            R"(level=info msg=m name="a\" level=\"error")");
}

TEST(FormatLogLineTest, TakesNumbersOfEveryKind) {
  EXPECT_EQ(
      Line(kLogfmt, "m", {{"i", -5}, {"u", 7U}, {"l", std::size_t{1} << 40U}}),
      "level=info msg=m i=-5 u=7 l=1099511627776");
}

class StderrLoggerTest : public testing::Test {
 protected:
  /// What is written, with each digit as 0.
  static std::string Write(LogLevel from, LogFormat format,
                           std::string_view message) {
    testing::internal::CaptureStderr();
    const auto logger = MakeStderrLogger(from, format);
    logger->Debug(message, {{"k", "debug"}});
    logger->Info(message, {{"k", "info"}});
    logger->Warn(message, {{"k", "warn"}});
    logger->Error(message, {{"k", "error"}});
    std::string text = testing::internal::GetCapturedStderr();
    for (char& c : text) {
      if (c >= '0' && c <= '9') c = '0';
    }
    return text;
  }
};

TEST_F(StderrLoggerTest, WritesFromItsLevelOn) {
  EXPECT_EQ(Write(LogLevel::kWarn, kLogfmt, "hello"),
            "ts=0000-00-00T00:00:00.000Z level=warn msg=hello k=warn\n"
            "ts=0000-00-00T00:00:00.000Z level=error msg=hello k=error\n");
}

TEST_F(StderrLoggerTest, WritesJsonLines) {
  EXPECT_EQ(Write(LogLevel::kError, kJson, "hello"),
            R"({"ts":"0000-00-00T00:00:00.000Z","level":"error",)"
            R"("msg":"hello","k":"error"})"
            "\n");
}

TEST_F(StderrLoggerTest, ReadsNoFormatInAMessage) {
  const std::string text = Write(LogLevel::kError, kLogfmt, "{} {0} %v %Y {");
  EXPECT_NE(text.find("msg=\"{} {0} %v %Y {\" k=error\n"), std::string::npos)
      << text;
}

TEST(LogTest, ReaderThatHangsDoesNotHangWhoLogs) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int before = ::dup(STDERR_FILENO);
  ASSERT_EQ(::dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
  const auto log = MakeStderrLogger(LogLevel::kInfo, LogFormat::kLogfmt);
  // Far more than a pipe takes; with a write that waits this would never end.
  for (int n = 0; n < 2000; ++n) log->Info(std::string(200, 'x'));
  std::string text(1 << 20, '\0');
  ASSERT_GT(::read(ends[0], text.data(), text.size()), 0);
  log->Info("read again");
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::dup2(before, STDERR_FILENO);
  for (const int descriptor : {before, ends[0], ends[1]}) ::close(descriptor);
  ASSERT_GT(size, 0);
  text.resize(static_cast<std::size_t>(size));
  EXPECT_NE(text.find("log lines were dropped"), std::string::npos) << text;
  EXPECT_NE(text.find("read again"), std::string::npos) << text;
}

}  // namespace
}  // namespace serverspace
