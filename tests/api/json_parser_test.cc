#include "api/json_parser.h"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"

namespace serverspace::api {
namespace {

/// Writes down what it hears, and stops at a number of the test's choice.
class Recorder final : public JsonEvents {
 public:
  explicit Recorder(std::string stop_at = "") : stop_at_(std::move(stop_at)) {}

  bool Null() override { return Add("null"); }
  bool Boolean(bool value) override { return Add(value ? "true" : "false"); }
  bool Number(std::string_view text) override {
    Add(text);
    return text != stop_at_;
  }
  bool String(const JsonString& value) override {
    return Add("'" + std::string(value.Decode(scratch_)) + "'");
  }
  bool StartObject(std::size_t at) override {
    started_at_.push_back(at);
    return Add("{");
  }
  bool Key(const JsonString& name) override {
    return Add(std::string(name.Decode(scratch_)) + ":");
  }
  bool EndObject() override { return Add("}"); }
  bool StartArray() override { return Add("["); }
  bool EndArray() override { return Add("]"); }

  const std::string& heard() const { return heard_; }
  /// Where objects began.
  const std::vector<std::size_t>& started_at() const { return started_at_; }

 private:
  bool Add(std::string_view event) {
    heard_ += heard_.empty() ? "" : " ";
    heard_ += event;
    return true;
  }

  const std::string stop_at_;
  std::string heard_;
  std::vector<std::size_t> started_at_;
  std::string scratch_;
};

JsonEnd::Kind KindOf(std::string_view text) {
  Recorder events;
  return ParseJson(text, events).kind;
}

std::string Heard(std::string_view text) {
  Recorder events;
  const JsonEnd end = ParseJson(text, events);
  EXPECT_EQ(end.kind, JsonEnd::Kind::kWhole) << text;
  EXPECT_EQ(end.at, text.size());
  return events.heard();
}

TEST(JsonParserTest, TellsWhatItMeets) {
  const std::pair<const char*, const char*> kTable[] = {
      {"null", "null"},
      {" true ", "true"},
      {"\t\r\n false", "false"},
      {"0", "0"},
      {"-0.5e+10", "-0.5e+10"},
      {"1E400", "1E400"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {R"("")", "''"},
      {"[]", "[ ]"},
      {"{}", "{ }"},
      {"[ ]", "[ ]"},
      {"{ }", "{ }"},
      {"[1,[2,{}],{\"a\":[]}]", "[ 1 [ 2 { } ] { a: [ ] } ]"},
      {R"({"a":1,"b":{"c":null}})", "{ a: 1 b: { c: null } }"},
      {R"( { "a" : 1 , "b" : [ 2 , 3 ] } )", "{ a: 1 b: [ 2 3 ] }"},
      {"\xEF\xBB\xBF[1]", "[ 1 ]"},
  };
  for (const auto& [text, expected] : kTable) EXPECT_EQ(Heard(text), expected);
}

TEST(JsonParserTest, TellsWhereObjectsBegin) {
  Recorder events;
  ParseJson("\xEF\xBB\xBF [ {\"a\": {}}, {} ]", events);
  EXPECT_EQ(events.started_at(), (std::vector<std::size_t>{6, 12, 17}));
}

TEST(JsonParserTest, RefusesWhatIsNoJson) {
  for (const char* text : {"",          " ",           "[",
                           "]",         "{",           "}",
                           "[1",        "[1,",         "[1,]",
                           "[,1]",      "[1 2]",       "[1}",
                           "{\"a\"}",   "{\"a\":}",    "{\"a\":1,}",
                           "{\"a\":1]", "{1:2}",       "{\"a\" 1}",
                           "{,}",       "nul",         "nulll",
                           "True",      "tru",         "01",
                           "-",         "+1",          "1.",
                           ".5",        "1e",          "1e+",
                           "0x1",       "1 1",         "[1]]",
                           "[1],",      "'a'",         "\"",
                           "\"a",       "\"\\",        "\"\\q\"",
                           "\"\\u12\"", "\"\\u12g4\"", "\"\t\"",
                           "\"\n\"",    "// x",        "\xEF\xBB[]",
                           "NaN"}) {
    EXPECT_EQ(KindOf(text), JsonEnd::Kind::kMalformed) << text;
  }
  EXPECT_EQ(KindOf(std::string_view("[]\0", 3)), JsonEnd::Kind::kMalformed);
  EXPECT_EQ(KindOf(std::string_view("\"\0\"", 3)), JsonEnd::Kind::kMalformed);
}

TEST(JsonParserTest, DecodesStrings) {
  const std::pair<std::string, std::string> kTable[] = {
      {R"(a\"b\\c\/d)", "a\"b\\c/d"},
      {R"(\b\f\n\r\t)", "\b\f\n\r\t"},
      {R"(\u0041\u00e9\u20AC)", "A\u00e9\u20ac"},
      {R"(\ud83d\ude00!)", "\U0001F600!"},
      {R"(\ud83d)", "\uFFFD"},
      {R"(\ude00x)", "\uFFFDx"},
      {R"(\ud83d\ud83d\ude00)", "\uFFFD\U0001F600"},
      {R"(\ud83d\n)", "\uFFFD\n"},
      {"caf\u00e9", "caf\u00e9"},
      {"a\xFFz", "a\uFFFDz"},
      {"\xE2\x82", "\uFFFD\uFFFD"},
      {"\xFF\\n", "\uFFFD\n"},
      {R"(\u0000)", std::string(1, '\0')},
  };
  for (const auto& [text, expected] : kTable) {
    const std::string heard = Heard("\"" + text + "\"");
    EXPECT_EQ(heard, "'" + expected + "'") << text;
    EXPECT_TRUE(IsValidUtf8(heard));
  }
}

TEST(JsonParserTest, FindsTheEndOfAStringOfAnyLength) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string plain(length, 'x');
    EXPECT_EQ(Heard("\"" + plain + "\""), "'" + plain + "'");
    for (std::size_t at = 0; at < length; ++at) {
      for (const char* odd : {"\\\"", "\u00e9", "\\u0041"}) {
        std::string text = plain;
        text.replace(at, 1, odd);
        const std::string heard = Heard("[\"" + text + "\",\"end\"]");
        EXPECT_TRUE(heard.ends_with("'end' ]")) << text;
      }
      std::string broken = plain;
      broken[at] = '\x1F';
      EXPECT_EQ(KindOf("\"" + broken + "\""), JsonEnd::Kind::kMalformed);
    }
  }
}

TEST(JsonParserTest, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(KindOf(nested(64)), JsonEnd::Kind::kWhole);
  EXPECT_EQ(KindOf(nested(65)), JsonEnd::Kind::kTooDeep);
  EXPECT_EQ(KindOf(std::string(1'000'000, '[')), JsonEnd::Kind::kTooDeep);
  std::string mixed = "1";
  for (int n = 0; n < 32; ++n) mixed = R"({"a":[)" + mixed + "]}";
  EXPECT_EQ(KindOf(mixed), JsonEnd::Kind::kWhole);
  EXPECT_EQ(KindOf(R"({"a":)" + mixed + "}"), JsonEnd::Kind::kTooDeep);
}

TEST(JsonParserTest, StopsWhenItIsTold) {
  Recorder events("2");
  const JsonEnd end = ParseJson("[1,2,3]", events);
  EXPECT_EQ(end.kind, JsonEnd::Kind::kStopped);
  EXPECT_EQ(end.at, 4U);
  EXPECT_EQ(events.heard(), "[ 1 2");
}

TEST(JsonParserTest, SaysHowFarItCame) {
  Recorder events;
  EXPECT_EQ(ParseJson("[x]", events).at, 2U);
  EXPECT_EQ(ParseJson("[1", events).at, 2U);
}

}  // namespace
}  // namespace serverspace::api
