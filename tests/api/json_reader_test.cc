#include "api/json_reader.h"

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/recording_observer.h"
#include "base/fake_clock.h"
#include "base/text.h"
#include "base/timestamp.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Part {
  std::string id;
  std::optional<std::int64_t> size;

  friend auto operator<=>(const Part&, const Part&) = default;
};

struct Thing {
  std::string id;
  std::string name;
  std::string state;
  std::optional<bool> on;
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> memory;
  std::optional<std::int64_t> offset;
  std::optional<Money> price;
  std::optional<WallTime> created;
  std::vector<std::string> tags;
  std::vector<std::string> keys;
  std::vector<Part> parts;
  std::optional<Part> main_part;
  std::optional<std::int64_t> lines = 0;
  std::optional<std::vector<Part>> extras;

  friend auto operator<=>(const Thing&, const Thing&) = default;
};

constexpr std::array<std::string_view, 2> kStates = {"good", "bad"};

constexpr Field<Part> kPartFields[] = {
    {"id", Id<&Part::id>, kRequired},
    {"size", Count<&Part::size>},
};

constexpr Field<Thing> kThingFields[] = {
    {"id", Id<&Thing::id>, kRequired},
    {"name", Text<&Thing::name>},
    {"state", Word<&Thing::state, kStates>},
    {"on", Flag<&Thing::on>},
    {"count", Count<&Thing::count>},
    {"memory_mb", Mib<&Thing::memory>},
    {"offset", Integer<&Thing::offset>},
    {"price", Amount<&Thing::price>},
    {"created", Time<&Thing::created>},
    {"tags", Texts<&Thing::tags>},
    {"keys", Ids<&Thing::keys>},
    {"parts", List<&Thing::parts, kPartFields>},
    {"main_part", Object<&Thing::main_part, kPartFields>},
    {"lines", Length<&Thing::lines>},
    {"extras", serverspace::api::List<&Thing::extras, kPartFields>},
};

class JsonReaderTest : public testing::Test {
 protected:
  Result<std::vector<Thing>> List(std::string body,
                                  EmptyObject empty = EmptyObject::kIsEmpty) {
    return ReadList<kThingFields>(std::move(body), {"/things", "things", empty},
                                  &drift_);
  }
  Result<Thing> Single(std::string body) {
    return ReadObject<kThingFields>(std::move(body), {"/thing", "thing"},
                                    &drift_);
  }
  /// A thing with an id and `members`.
  Thing WithMembers(const std::string& members) {
    auto thing = Single(R"({"thing":{"id":"x",)" + members + "}}");
    EXPECT_TRUE(thing.ok()) << members << ": " << thing.error().message;
    return thing.ok() ? thing.value() : Thing();
  }
  void ExpectBad(const std::string& body, const std::string& text,
                 EmptyObject empty = EmptyObject::kIsEmpty) {
    const auto list = List(body, empty);
    ASSERT_FALSE(list.ok()) << body;
    EXPECT_EQ(list.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(list.error().message, HasSubstr(text)) << body;
    EXPECT_THAT(list.error().message, HasSubstr("GET /things"));
  }

  RecordingObserver observer_;
  Drift drift_{observer_};
};

TEST_F(JsonReaderTest, ReadsEveryKindOfMember) {
  const auto list = List(R"({"things": [{
      "id": 12, "name": "n\u00e9", "state": "GOOD", "on": false, "count": 3,
      "memory_mb": 2, "offset": -4000, "price": 1229549.07,
      "created": "2024-05-03T06:12:09.5501432Z", "tags": ["a", "b"],
      "keys": [1, "k2"], "parts": [{"id": 7, "size": 9}, {"id": "8"}],
      "main_part": {"id": 5, "size": 1}}]})");
  ASSERT_TRUE(list.ok()) << list.error().message;
  ASSERT_THAT(list.value(), SizeIs(1));
  const Thing& thing = list.value().front();
  EXPECT_EQ(thing.id, "12");
  EXPECT_EQ(thing.name, "n\u00e9");
  EXPECT_EQ(thing.state, "good");
  EXPECT_EQ(thing.on, false);
  EXPECT_EQ(thing.count, 3);
  EXPECT_EQ(thing.memory, 2'097'152);
  EXPECT_EQ(thing.offset, -4000);
  EXPECT_EQ(thing.price->ToString(), "1229549.07");
  EXPECT_EQ(thing.created, ParseTimestamp("2024-05-03T06:12:09.5501432Z"));
  EXPECT_THAT(thing.tags, ElementsAre("a", "b"));
  EXPECT_THAT(thing.keys, ElementsAre("1", "k2"));
  ASSERT_THAT(thing.parts, SizeIs(2));
  EXPECT_EQ(thing.parts[0].size, 9);
  EXPECT_EQ(thing.parts[1].id, "8");
  ASSERT_TRUE(thing.main_part);
  EXPECT_EQ(thing.main_part->id, "5");
  EXPECT_THAT(observer_.bad(), IsEmpty());
  EXPECT_THAT(observer_.unknown(), IsEmpty());
}

TEST_F(JsonReaderTest, TakesAbsentNullAndEmptyAlike) {
  const char* const kNothing[] = {
      R"("z":0)",
      R"("name":null,"state":null,"on":null,"count":null,"memory_mb":null,
         "offset":null,"price":null,"created":null,"tags":null,"keys":null,
         "parts":null,"main_part":null)",
      R"("name":"","state":"","on":"","count":"","memory_mb":"","offset":"",
         "price":"","created":"","tags":[],"keys":[],"parts":[])",
      R"("tags":[null,""],"keys":[null,""])"};
  for (const char* members : kNothing) {
    const Thing thing = WithMembers(members);
    EXPECT_EQ(thing.name, "");
    EXPECT_EQ(thing.state, "");
    EXPECT_FALSE(thing.on || thing.count || thing.memory || thing.offset ||
                 thing.price || thing.created || thing.main_part);
    EXPECT_THAT(thing.tags, IsEmpty());
    EXPECT_THAT(thing.keys, IsEmpty());
    EXPECT_THAT(thing.parts, IsEmpty());
  }
  EXPECT_THAT(observer_.bad(), IsEmpty());
}

struct BadMember {
  const char* members;
  const char* field;
};

TEST_F(JsonReaderTest, LeavesOutAMemberOfTheWrongTypeAndReportsIt) {
  const BadMember kTable[] = {
      {R"("name":1)", "thing.name"},
      {R"("name":{"first":"a"})", "thing.name"},
      {R"("name":["a"])", "thing.name"},
      {R"("state":1)", "thing.state"},
      {R"("state":["good"])", "thing.state"},
      {R"("on":1)", "thing.on"},
      {R"("on":"true")", "thing.on"},
      {R"("count":"3")", "thing.count"},
      {R"("count":3.5)", "thing.count"},
      {R"("count":1e3)", "thing.count"},
      {R"("count":-1)", "thing.count"},
      {R"("count":true)", "thing.count"},
      {R"("count":18446744073709551615)", "thing.count"},
      {R"("memory_mb":9223372036854775807)", "thing.memory_mb"},
      {R"("memory_mb":8796093022208)", "thing.memory_mb"},
      {R"("memory_mb":-2)", "thing.memory_mb"},
      {R"("offset":1.0)", "thing.offset"},
      {R"("price":"1,50")", "thing.price"},
      {R"("price":true)", "thing.price"},
      {R"("price":1e200)", "thing.price"},
      {R"("price":18446744073709551615)", "thing.price"},
      {R"("created":1700000000)", "thing.created"},
      {R"("created":"yesterday")", "thing.created"},
      {R"("created":"2024-02-30T00:00:00Z")", "thing.created"},
      {R"("tags":"a,b")", "thing.tags"},
      {R"("tags":{})", "thing.tags"},
      {R"("tags":[1])", "thing.tags"},
      {R"("tags":[["a"]])", "thing.tags"},
      {R"("tags":[{"a":[1]}])", "thing.tags"},
      {R"("keys":[1.5])", "thing.keys"},
      {R"("parts":5)", "thing.parts"},
      {R"("parts":{"id":1})", "thing.parts"},
      {R"("parts":[5])", "thing.parts"},
      {R"("parts":[null])", "thing.parts"},
      {R"("parts":[[{"id":1}]])", "thing.parts"},
      {R"("parts":[{"size":1}])", "thing.parts.id"},
      {R"("parts":[{"id":true}])", "thing.parts.id"},
      {R"("main_part":[{"id":1}])", "thing.main_part"},
      {R"("main_part":"x")", "thing.main_part"},
      {R"("main_part":{"size":1})", "thing.main_part.id"},
      {R"("main_part":{})", "thing.main_part.id"},
  };
  std::vector<std::string> expected;
  for (const auto& [members, field] : kTable) {
    SCOPED_TRACE(members);
    const Thing thing = WithMembers(members);
    EXPECT_EQ(thing.name, "");
    EXPECT_EQ(thing.state, "");
    EXPECT_FALSE(thing.on || thing.count || thing.memory || thing.offset ||
                 thing.price || thing.created || thing.main_part);
    EXPECT_THAT(thing.tags, IsEmpty());
    EXPECT_THAT(thing.keys, IsEmpty());
    EXPECT_THAT(thing.parts, IsEmpty());
    expected.emplace_back(field);
    EXPECT_EQ(observer_.bad(), expected);
  }
}

TEST_F(JsonReaderTest, ReportsAMemberInsideOfAListByItsPath) {
  const Thing thing = WithMembers(R"("parts":[{"id":1,"size":"big"}])");
  ASSERT_THAT(thing.parts, SizeIs(1));
  EXPECT_EQ(thing.parts[0].size, std::nullopt);
  EXPECT_THAT(observer_.bad(), ElementsAre("thing.parts.size"));
}

TEST_F(JsonReaderTest, DropsOddItemsAndKeepsTheRest) {
  const auto list = List(R"({"things":[1,"x",null,[],[{"id":"no"}],{},
      {"name":"no id"},{"id":null},{"id":""},{"id":{}},{"id":1.5},
      {"id":"a"},true,{"id":"b"}]})");
  ASSERT_TRUE(list.ok()) << list.error().message;
  ASSERT_THAT(list.value(), SizeIs(2));
  EXPECT_EQ(list.value()[0].id, "a");
  EXPECT_EQ(list.value()[1].id, "b");
  EXPECT_THAT(observer_.bad(),
              ElementsAre("things", "things", "things", "things", "things",
                          "things.id", "things.id", "things.id", "things.id",
                          "things.id", "things.id", "things"));
}

TEST_F(JsonReaderTest, ReadsListsAsTheirRulesSay) {
  for (const char* body :
       {"{}", " { } ", "\xEF\xBB\xBF{}", R"({"things":null})",
        R"({"things":[]})", R"({"x":{"things":[{"id":1}]},"things":null})"}) {
    const auto list = List(body);
    ASSERT_TRUE(list.ok()) << body << list.error().message;
    EXPECT_THAT(list.value(), IsEmpty());
  }
  EXPECT_THAT(observer_.bad(), IsEmpty());
  ExpectBad("{}", R"(has no "things")", EmptyObject::kIsError);
  ExpectBad(" { } ", R"(has no "things")", EmptyObject::kIsError);
  EXPECT_TRUE(List(R"({"things":null})", EmptyObject::kIsError).ok());
  ExpectBad(R"({"x":1})", R"(has no "things")");
  ExpectBad(R"({"thing":[]})", R"(has no "things")");
  ExpectBad(R"({"Things":[]})", R"(has no "things")");
  ExpectBad(R"({"errors":[{"code":-1}]})", R"(has no "things")");
  ExpectBad(R"({"x":{"things":[{"id":1}]}})", R"(has no "things")");
  for (const char* wrapper :
       {R"({"id":1})", "{}", "0", R"("x")", R"("")", "true", "1.5"})
    ExpectBad(R"({"things":)" + std::string(wrapper) + "}", "is no list");
  ExpectBad(R"({"things":[],"things":[{"id":1}]})", "repeats");
  ExpectBad(R"({"things":null,"things":[]})", "repeats");
  for (const char* body :
       {"[]", R"([{"id":1}])", "null", "1", R"("x")", R"("")"})
    ExpectBad(body, "is no object");
}

TEST_F(JsonReaderTest, RefusesWhatIsNoJson) {
  for (const char* body : {"",
                           " ",
                           "\n",
                           "<html><body>502 Bad Gateway</body></html>",
                           "{",
                           R"({"things":[)",
                           R"({"things":[{"id":1})",
                           R"({"things":[{"id":1},]})",
                           R"({"things":[]}x)",
                           R"({"things":[]}{})",
                           R"({"things":[]}])",
                           R"({"things":[]} // end)",
                           "{'things':[]}",
                           R"({"things":[NaN]})",
                           R"({"things":[01]})",
                           R"({"things":["a)",
                           R"({"things":["\x"]})",
                           "{\"things\":[\"\n\"]}",
                           "Service unavailable",
                           R"({"things":[1.]})",
                           R"({"things":[.5]})",
                           R"({"things":[1e]})",
                           R"({"things":[-]})",
                           R"({"things":[+1]})",
                           R"({"things":[0x1]})",
                           R"({"things":[1 2]})",
                           "\xEF\xBB{\"things\":[]}",
                           "\xFE\xFF\x00{"}) {
    ExpectBad(body, "cannot be read as JSON");
  }
  ExpectBad(std::string("{\"things\":[]}\0", 14), "cannot be read as JSON");
  ExpectBad(std::string("{\"things\":[]}\0{}", 16), "cannot be read as JSON");
  ExpectBad(std::string("{\"things\":[\0]}", 14), "cannot be read as JSON");
}

TEST_F(JsonReaderTest, SaysHowFarItCame) {
  ExpectBad("{\"things\":[x]}", "(byte 12 of 14)");
  ExpectBad("{\"things\":[1", "(byte 12 of 12)");
  ExpectBad("{\"things\":{}}", "(byte 11 of 13)");
}

TEST_F(JsonReaderTest, LosesNothingByANumberThatIsTooLargeWhereNobodyReadsIt) {
  for (const char* number :
       {"18446744073709551616", "-9223372036854775809",
        "100000000000000000000000000000000", "1e400", "-1e400", "1e99999999"}) {
    const auto list = List(R"({"x":)" + std::string(number) +
                           R"(,"things":[{"id":1,"y":[)" + number + "]}]}");
    ASSERT_TRUE(list.ok()) << list.error().message;
    EXPECT_THAT(list.value(), SizeIs(1));
  }
  EXPECT_THAT(observer_.bad(), IsEmpty());
}

TEST_F(JsonReaderTest, LeavesOutANumberThatIsTooLarge) {
  for (const char* number : {"18446744073709551616", "1e400", "-1e400"}) {
    const std::string text = number;
    const Thing thing = WithMembers(R"("count":)" + text + R"(,"price":)" +
                                    text + R"(,"memory_mb":)" + text);
    EXPECT_FALSE(thing.count || thing.price || thing.memory);
    const auto list = List(R"({"things":[{"id":)" + text + R"(},{"id":1}]})");
    ASSERT_TRUE(list.ok());
    EXPECT_THAT(list.value(), SizeIs(1));
  }
  EXPECT_THAT(observer_.bad(), SizeIs(12));
  const auto list = List(
      R"({"things":[{"id":18446744073709551615},{"id":-9223372036854775808}]})");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list.value()[0].id, "-9223372036854775808");
  EXPECT_EQ(list.value()[1].id, "18446744073709551615");
}

TEST_F(JsonReaderTest, SortsAListAndHasEachItemOnce) {
  const std::string twice[] = {R"({"id":"b","name":"x"})",
                               R"({"id":"b","name":"y"})"};
  for (const int first : {0, 1}) {
    const auto list = List(
        R"({"things":[{"id":"c"},)" + twice[first] + "," + twice[1 - first] +
        R"(,{"id":"a","parts":[{"id":2,"size":5},{"id":1},{"id":2}]}]})");
    ASSERT_TRUE(list.ok()) << list.error().message;
    ASSERT_THAT(list.value(), SizeIs(3));
    EXPECT_EQ(list.value()[0].id, "a");
    EXPECT_EQ(list.value()[1].name, "x");
    EXPECT_EQ(list.value()[2].id, "c");
    ASSERT_THAT(list.value()[0].parts, SizeIs(2));
    EXPECT_EQ(list.value()[0].parts[0].id, "1");
    EXPECT_EQ(list.value()[0].parts[1].size, std::nullopt);
  }
  EXPECT_THAT(observer_.bad(), ElementsAre("things.parts.id", "things.id",
                                           "things.parts.id", "things.id"));
}

TEST_F(JsonReaderTest, ReportsTheAbsenceOfAMemberThatAllHave) {
  static constexpr Field<Thing> kFields[] = {
      {"id", Id<&Thing::id>, kRequired},
      {"count", Count<&Thing::count>, kExpected},
      {"state", Word<&Thing::state, kStates>, kExpected},
  };
  const auto list = ReadList<kFields>(
      R"({"things":[{"id":1,"count":0,"state":"good"},{"id":2},
          {"id":3,"count":null,"state":""},{"id":4,"count":"x","state":7}]})",
      {"/things", "things"}, &drift_);
  ASSERT_TRUE(list.ok());
  EXPECT_THAT(list.value(), SizeIs(4));
  EXPECT_THAT(observer_.bad(),
              ElementsAre("things.count", "things.state", "things.count",
                          "things.state", "things.count", "things.state"));
}

TEST_F(JsonReaderTest, TellsAListThatIsNoneFromAnEmptyOne) {
  EXPECT_EQ(WithMembers(R"("lines":[1,{},[]])").lines, 3);
  EXPECT_EQ(WithMembers(R"("lines":[])").lines, 0);
  EXPECT_EQ(WithMembers(R"("z":0)").lines, 0);
  EXPECT_THAT(WithMembers(R"("extras":[])").extras->size(), 0);
  EXPECT_EQ(WithMembers(R"("z":0)").extras, std::nullopt);
  EXPECT_THAT(observer_.bad(), IsEmpty());
  for (const char* bad : {"5", R"("x")", "{}", "true"}) {
    EXPECT_EQ(WithMembers(R"("lines":)" + std::string(bad)).lines,
              std::nullopt);
    EXPECT_EQ(WithMembers(R"("extras":)" + std::string(bad)).extras,
              std::nullopt);
  }
  EXPECT_THAT(observer_.bad(), SizeIs(8));
}

/// An answer that takes some time to read.
Answer LongAnswer() {
  std::string body = R"({"things":[{"id":0})";
  for (int n = 1; n < 10'000; ++n)
    body += R"(,{"id":)" + std::to_string(n) + "}";
  return body + "]}";
}

TEST_F(JsonReaderTest, EndsAtTheDeadline) {
  const FakeClock clock;
  Answer answer = LongAnswer();
  answer.clock = &clock;
  answer.deadline = clock.Mono();
  const auto late =
      ReadList<kThingFields>(answer, {"/things", "things"}, &drift_);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  answer.deadline += std::chrono::seconds(1);
  EXPECT_TRUE(
      ReadList<kThingFields>(answer, {"/things", "things"}, &drift_).ok());
}

TEST_F(JsonReaderTest, EndsWhenItIsStopped) {
  std::stop_source stop;
  stop.request_stop();
  Answer answer = LongAnswer();
  answer.stop = stop.get_token();
  const auto stopped =
      ReadList<kThingFields>(answer, {"/things", "things"}, &drift_);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(JsonReaderTest, NeedsRoomForWhatItReads) {
  FakeClock clock;
  const auto budget = std::make_shared<MemoryBudget>(
      MemoryBudget::Options{.limit_bytes = 2 << 20, .largest_bytes = 2 << 20},
      clock);
  Answer answer = LongAnswer();
  answer.room = std::make_shared<MemoryBudget::Share>(budget);
  answer.deadline = clock.Mono();
  const auto read =
      ReadList<kThingFields>(answer, {"/things", "things"}, &drift_);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kNoRoom);
}

TEST_F(JsonReaderTest, ReadsMoneyExactly) {
  const std::pair<const char*, const char*> kTable[] = {
      {"318.07", "318.07"},
      {"10000", "10000"},
      {"-0.5", "-0.5"},
      {"0", "0"},
      {"-0", "0"},
      {"1.5e3", "1500"},
      {"1E-2", "0.01"},
      {"9007199254740993.07", ""},
      {"9007199254740.993007", "9007199254740.993007"},
      {"9223372036854.775807", "9223372036854.775807"},
      {"0.1234567", "0.123457"},
      {"\"318.07\"", "318.07"},
      {"\"-12\"", "-12"},
      {"\"12 EUR\"", ""},
  };
  for (const auto& [text, expected] : kTable) {
    const Thing thing = WithMembers("\"price\":" + std::string(text));
    EXPECT_EQ(thing.price ? thing.price->ToString() : "", expected) << text;
  }
}

TEST_F(JsonReaderTest, ReadsTimesWithAnyFractionAndZone) {
  const auto whole = ParseTimestamp("2024-05-03T06:12:09Z");
  ASSERT_TRUE(whole);
  EXPECT_EQ(WithMembers(R"("created":"2024-05-03T06:12:09")").created, whole);
  EXPECT_EQ(WithMembers(R"("created":"2024-05-03T09:12:09+03:00")").created,
            whole);
  std::string fraction;
  std::int64_t nanos = 0;
  std::int64_t unit = 1'000'000'000;
  for (int digits = 1; digits <= 9; ++digits) {
    fraction += static_cast<char>('0' + digits);
    unit /= 10;
    nanos += digits * unit;
    EXPECT_EQ(
        WithMembers(R"("created":"2024-05-03T06:12:09.)" + fraction + "Z\"")
            .created,
        *whole + std::chrono::nanoseconds(nanos));
  }
}

TEST_F(JsonReaderTest, LowersWordsAndCountsUnknownOnes) {
  EXPECT_EQ(WithMembers(R"("state":"Bad")").state, "bad");
  EXPECT_THAT(observer_.unknown(), IsEmpty());
  for (char c = 'A'; c < 'A' + 8; ++c) {
    EXPECT_EQ(WithMembers(R"("state":")" + std::string(1, c) + "\"").state,
              std::string(1, static_cast<char>(c - 'A' + 'a')));
  }
  EXPECT_EQ(WithMembers(R"("state":"Ninth")").state, "other");
  EXPECT_EQ(WithMembers(R"("state":"good")").state, "good");
  EXPECT_THAT(observer_.unknown(), SizeIs(9));
  EXPECT_EQ(observer_.unknown().front(), "thing.state");
}

TEST_F(JsonReaderTest, TakesTheLastOfARepeatedMember) {
  const Thing thing = WithMembers(
      R"("name":"a","name":"b","count":1,"count":2,"tags":["a"],"tags":["b"],
         "parts":[{"id":1},{"id":2}],"parts":[{"id":3}],
         "main_part":{"id":1,"size":4},"main_part":{"id":2},
         "on":true,"on":null,"offset":1,"offset":"x")");
  EXPECT_EQ(thing.name, "b");
  EXPECT_EQ(thing.count, 2);
  EXPECT_THAT(thing.tags, ElementsAre("b"));
  ASSERT_THAT(thing.parts, SizeIs(1));
  EXPECT_EQ(thing.parts[0].id, "3");
  ASSERT_TRUE(thing.main_part);
  EXPECT_EQ(thing.main_part->size, std::nullopt);
  EXPECT_EQ(thing.on, std::nullopt);
  EXPECT_EQ(thing.offset, std::nullopt);

  const auto list = List(R"({"things":[{"id":1,"id":null},{"id":2,"id":3}]})");
  ASSERT_TRUE(list.ok());
  ASSERT_THAT(list.value(), SizeIs(1));
  EXPECT_EQ(list.value()[0].id, "3");
}

TEST_F(JsonReaderTest, MendsBrokenTextInsteadOfLosingTheAnswer) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a\xFFz", "a\uFFFDz"},
      {"\xC0\xAF", "\uFFFD\uFFFD"},
      {R"(\uD800)", "\uFFFD"},
      {R"(\uDC00)", "\uFFFD"},
      {R"(\uD800x)", "\uFFFDx"},
      {R"(\uD800\n)", "\uFFFD\n"},
      {R"(\uD800\uD800)", "\uFFFD\uFFFD"},
      {R"(\ud83d\ude00)", "\U0001F600"},
      {R"(\uD800\ud83d\ude00)", "\uFFFD\U0001F600"},
      {R"(\ude00\ud83d)", "\uFFFD\uFFFD"},
      {R"(\\uD800)", "\\uD800"},
      {R"(\\\uD800)", "\\\uFFFD"},
      {R"(\\)", "\\"},
      {R"(\u0416)", "\u0416"},
  };
  for (const auto& [text, expected] : kTable) {
    const auto list = List(R"({"things":[{"id":"a"},{"id":"b","name":")" +
                           std::string(text) + R"("},{"id":"c"}]})");
    ASSERT_TRUE(list.ok()) << text << ": " << list.error().message;
    ASSERT_THAT(list.value(), SizeIs(3));
    EXPECT_EQ(list.value()[1].name, expected) << text;
    EXPECT_TRUE(IsValidUtf8(list.value()[1].name));
  }
  for (const char* tail :
       {"\\", "\\u", "\\uD8", "\\uD800", "\\uD800\\u", "\\uD800\\uDC"}) {
    ExpectBad(R"({"things":[{"id":")" + std::string(tail),
              "cannot be read as JSON");
  }
}

TEST_F(JsonReaderTest, BoundsTheDepth) {
  const auto nested = [](int depth, const char* open, const char* close) {
    std::string text;
    for (int n = 0; n < depth; ++n) text += open;
    text += '1';
    for (int n = 0; n < depth; ++n) text += close;
    return text;
  };
  EXPECT_TRUE(
      List(R"({"x":)" + nested(63, "[", "]") + R"(,"things":[]})").ok());
  ExpectBad(R"({"x":)" + nested(64, "[", "]") + R"(,"things":[]})",
            "is nested too deeply");
  ExpectBad(R"({"x":)" + nested(64, R"({"a":)", "}") + R"(,"things":[]})",
            "is nested too deeply");
  ExpectBad(R"({"things":)" + nested(100'000, "[", "]") + "}",
            "is nested too deeply");
  ExpectBad(std::string(1'000'000, '['), "is no object");
  std::string deep_objects;
  for (int n = 0; n < 200'000; ++n) deep_objects += R"({"things":)";
  ExpectBad(deep_objects, "is no list");
}

/// So large that few of them come to the bound.
struct Giant {
  std::string id;
  std::array<char, 1U << 20U> room{};

  friend auto operator<=>(const Giant&, const Giant&) = default;
};

constexpr Field<Giant> kGiantFields[] = {{"id", Id<&Giant::id>, kRequired}};

TEST_F(JsonReaderTest, BoundsWhatSmallItemsGrowTo) {
  // Dropped items count too, as reports of them take time.
  for (const std::string item : {"{}", "1", "null", "[]", R"({"id":null})"}) {
    const auto read = [&](int count) {
      std::string body = R"({"giants":[{"id":1})";
      for (int n = 1; n < count; ++n) body += "," + item;
      return ReadList<kGiantFields>(body + "]}", {"/giants", "giants"},
                                    &drift_);
    };
    EXPECT_TRUE(read(63).ok()) << item;
    const auto too_many = read(64);
    ASSERT_FALSE(too_many.ok()) << item;
    EXPECT_EQ(too_many.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(too_many.error().message, HasSubstr("has too many items"));
  }
}

TEST_F(JsonReaderTest, MakesRoomForTheItemsToCome) {
  const auto body = [](std::size_t count) {
    std::string text = R"({"things":[)";
    for (std::size_t n = 0; n < count; ++n)
      text += R"({"id":)" + std::to_string(100'000 + n) + "},";
    return text;
  };
  for (const std::size_t count : {1'000U, 50'000U}) {
    const auto things = List(body(count - 1) + R"({"id":1}]})");
    ASSERT_TRUE(things.ok());
    ASSERT_EQ(things.value().size(), count);
    EXPECT_LE(things.value().capacity(), count + count / 20) << count;
  }
}

TEST_F(JsonReaderTest, MakesNoMoreRoomThanItemsMayTake) {
  // As if a million small items came, but it is one long text.
  std::string body = R"({"things":[{"id":0})";
  for (int n = 1; n < 300; ++n) body += R"(,{"id":)" + std::to_string(n) + "}";
  body += R"(,{"id":300,"note":")" + std::string(16 << 20, 'x') + R"("}]})";
  const auto things = List(body);
  ASSERT_TRUE(things.ok());
  EXPECT_EQ(things.value().size(), 301);
  EXPECT_LE(things.value().capacity() * sizeof(Thing), 64U << 20U);
}

TEST_F(JsonReaderTest, NamesTheMissingMemberOfASingleObject) {
  for (const char* members : {"", R"("name":"n")", R"("id":null)",
                              R"("id":{"a":1})", R"("id":1,"id":"")"}) {
    const auto thing = Single(R"({"thing":{)" + std::string(members) + "}}");
    ASSERT_FALSE(thing.ok()) << members;
    EXPECT_EQ(thing.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(thing.error().message, HasSubstr(R"(has no "thing.id")"));
  }
}

TEST_F(JsonReaderTest, RefusesASingleObjectThatIsNone) {
  for (const char* body :
       {"{}", R"({"thing":null})", R"({"thing":[]})", R"({"thing":[{"id":1}]})",
        R"({"thing":"x"})", R"({"thing":""})", R"({"id":1})", "[]", "null", "",
        R"({"thing":{"id":1},"thing":{"id":2}})", R"({"thing":{"id":1})"}) {
    const auto thing = Single(body);
    ASSERT_FALSE(thing.ok()) << body;
    EXPECT_EQ(thing.error().code, ErrorCode::kBadResponse) << body;
  }
}

TEST_F(JsonReaderTest, PassesOverWhatIsNotListed) {
  const Thing thing = WithMembers(
      R"("secret":"EXAMPLE-REDACT-ME","x":{"id":"no","name":["no",{"id":1}]},
         "y":[{"id":"no"},[[]]],"name":"yes","z":null)");
  EXPECT_EQ(thing.id, "x");
  EXPECT_EQ(thing.name, "yes");
  EXPECT_THAT(observer_.bad(), IsEmpty());
}

TEST_F(JsonReaderTest, TellsNobodyWithoutADrift) {
  const auto list = ReadList<kThingFields>(
      R"({"things":[1,{"id":1,"count":"x","state":"Odd"}]})",
      {"/things", "things"}, nullptr);
  ASSERT_TRUE(list.ok());
  ASSERT_THAT(list.value(), SizeIs(1));
  EXPECT_EQ(list.value()[0].state, "odd");
}

TEST_F(JsonReaderTest, KeepsTheAnswerOutOfErrors) {
  for (const char* body :
       {"SECRETSECRET", R"({"things":["SECRETSECRET)", R"({"SECRETSECRET":1})",
        R"({"SECRETSECRET)", R"({"things":[SECRETSECRET]})",
        R"({"things":"SECRETSECRET"})", R"({"things":[1e400SECRETSECRET]})"}) {
    const auto list = List(body);
    ASSERT_FALSE(list.ok()) << body;
    EXPECT_THAT(list.error().message, Not(HasSubstr("SECRET")));
  }
}

}  // namespace
}  // namespace serverspace::api
