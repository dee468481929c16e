#include "exporter/state_format.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace::exporter {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kUsed = WallTime(seconds(1'700'000'000));

Money Micros(std::int64_t micros) { return Money::FromMicros(micros); }

SeenThings Things(std::vector<SeenThing> things) {
  return std::make_shared<const std::vector<SeenThing>>(std::move(things));
}

MoneyDocument SomeMoney() {
  MoneyDocument document;
  document.projects["prod"] = {{.project_id = "p1",
                                .currency = "EUR",
                                .first_balance = Micros(100),
                                .balance = Micros(-30),
                                .spend = Micros(150),
                                .topup = Micros(20)},
                               kUsed};
  return document;
}

FirstSeenDocument SomeFirstSeen() {
  FirstSeenDocument document;
  document.projects["prod"] = {
      {{"server", Things({{"a", "active", WallTime(milliseconds(1'500))},
                          {"b", "busy", WallTime(milliseconds(2'000))},
                          {"c", "active", WallTime(milliseconds(-1))}})},
       {"operation/server",
        Things({{"b", "unsettled", WallTime(milliseconds(2'000))}})}},
      kUsed};
  return document;
}

void ExpectEqual(const FirstSeenDocument& a, const FirstSeenDocument& b) {
  ASSERT_EQ(a.projects.size(), b.projects.size());
  for (const auto& [project, entry] : a.projects) {
    ASSERT_TRUE(b.projects.contains(project));
    const auto& other = b.projects.at(project);
    EXPECT_EQ(entry.used, other.used);
    ASSERT_EQ(entry.value.size(), other.value.size());
    for (const auto& [kind, things] : entry.value)
      EXPECT_EQ(*things, *other.value.at(kind)) << kind;
  }
}

TEST(StateFormatTest, WritesMoneyAsExactIntegers) {
  EXPECT_EQ(EncodeMoney(SomeMoney()),
            R"({"format":"serverspace_exporter money","version":1,"projects":{
"prod":{"project_id":"p1","currency":"EUR","first_balance":100,"balance":-30,)"
            R"("spend":150,"topup":20,"used":1700000000}}}
)");
}

TEST(StateFormatTest, WritesThingsByStateInFewBytes) {
  EXPECT_EQ(
      EncodeFirstSeen(SomeFirstSeen()),
      R"({"format":"serverspace_exporter first seen","version":1,"projects":{
"prod":{"kinds":{"operation/server":{"unsettled":{"b":2000}},)"
      R"("server":{"active":{"a":1500,"c":-1},"busy":{"b":2000}}},)"
      R"("used":1700000000}}}
)");
}

TEST(StateFormatTest, ReadsWhatItWrites) {
  const auto money = DecodeMoney(EncodeMoney(SomeMoney()));
  ASSERT_TRUE(money.ok()) << money.error().message;
  EXPECT_EQ(money.value().projects, SomeMoney().projects);
  const auto seen = DecodeFirstSeen(EncodeFirstSeen(SomeFirstSeen()));
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  ExpectEqual(seen.value(), SomeFirstSeen());
  EXPECT_TRUE(DecodeMoney(EncodeMoney({})).ok());
  EXPECT_TRUE(DecodeFirstSeen(EncodeFirstSeen({})).ok());
}

TEST(StateFormatTest, HoldsAmountsToTheLimits) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  MoneyDocument document;
  document.projects["most"] = {
      {.first_balance = {}, .balance = Micros(kMax), .topup = Micros(kMax)},
      kUsed};
  document.projects["least"] = {{.first_balance = Micros(-1),
                                 .balance = Micros(kMin),
                                 .spend = Micros(kMax)},
                                kUsed};
  const auto read = DecodeMoney(EncodeMoney(document));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().projects, document.projects);
}

TEST(StateFormatTest, HoldsAnyName) {
  MoneyDocument document = SomeMoney();
  const std::string name = "\"a\\b\"\n\t\x01 çé 雲 {[";
  document.projects[name] = document.projects["prod"];
  document.projects[""] = document.projects["prod"];
  const auto read = DecodeMoney(EncodeMoney(document));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().projects, document.projects);

  FirstSeenDocument seen;
  seen.projects[name] = {{{name, Things({{name, name, kUsed}})}}, kUsed};
  const auto seen_read = DecodeFirstSeen(EncodeFirstSeen(seen));
  ASSERT_TRUE(seen_read.ok()) << seen_read.error().message;
  ExpectEqual(seen_read.value(), seen);
}

// The API's text was checked when it was read; a writer must not fail of it.
TEST(StateFormatTest, WritesBytesThatAreNoUtf8AsReplacementCharacters) {
  FirstSeenDocument seen;
  seen.projects["prod"] = {{{"server", Things({{"\xFF", "new", kUsed}})}},
                           kUsed};
  const auto read = DecodeFirstSeen(EncodeFirstSeen(seen));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().projects.at("prod").value.at("server")->front().id,
            "\xEF\xBF\xBD");
}

TEST(StateFormatTest, KeepsMembersThatANewerExporterAdded) {
  std::string text = EncodeMoney(SomeMoney());
  text.insert(1, R"("tasks":{"l1t1":{"since":5}},"more":[1,"a",null],)");
  const auto read = DecodeMoney(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().others, (std::map<std::string, std::string>{
                                     {"tasks", R"({"l1t1":{"since":5}})"},
                                     {"more", R"([1,"a",null])"}}));
  const auto again = DecodeMoney(EncodeMoney(read.value()));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value().others, read.value().others);
}

TEST(StateFormatTest, RefusesEveryCutOfAFile) {
  std::string money = EncodeMoney(SomeMoney());
  std::string seen = EncodeFirstSeen(SomeFirstSeen());
  // The line end after the last brace is no part of it.
  money.pop_back();
  seen.pop_back();
  for (std::size_t size = 0; size < money.size(); ++size)
    EXPECT_FALSE(DecodeMoney(money.substr(0, size)).ok()) << size;
  for (std::size_t size = 0; size < seen.size(); ++size)
    EXPECT_FALSE(DecodeFirstSeen(seen.substr(0, size)).ok()) << size;
}

// A crash of the machine may leave zeros where data should be.
TEST(StateFormatTest, RefusesBlocksOfZeros) {
  std::string money = EncodeMoney(SomeMoney());
  for (std::size_t i = 0; i < money.size(); ++i) {
    std::string damaged = money;
    for (std::size_t j = i; j < damaged.size(); ++j) damaged[j] = '\0';
    ASSERT_EQ(DecodeMoney(damaged).ok(), damaged == money) << i;
  }
}

struct Refusal {
  std::string_view text;
  std::string_view reason;
};

constexpr std::string_view kForeign = "is not a state file of this program";
constexpr std::string_view kNoJson =
    "is damaged: it is no JSON, or ends before it is complete";
constexpr std::string_view kWrongEntry =
    "is damaged: the entry of a project is wrong";

TEST(StateFormatTest, TellsWhyItRefusesAText) {
  const Refusal kRefusals[] = {
      {"", "is damaged: it is empty"},
      {" ", kNoJson},
      {"\xFF\xFE", kNoJson},
      {"balance: 5", kNoJson},
      {"null", kForeign},
      {"[]", kForeign},
      {"5", kForeign},
      {"{}", kForeign},
      {R"({"format":5,"version":1})", kForeign},
      {R"({"format":"of another program","version":1})", kForeign},
      {R"({"format":"serverspace_exporter first seen","version":1,"projects":{}})",
       kForeign},
      {R"({"format":"serverspace_exporter money","projects":{}})",
       "is damaged: it has no version"},
      {R"({"format":"serverspace_exporter money","version":0,"projects":{}})",
       "is damaged: it has no version"},
      {R"({"format":"serverspace_exporter money","version":"1","projects":{}})",
       "is damaged: it has no version"},
      {R"({"format":"serverspace_exporter money","version":1.5,"projects":{}})",
       "is damaged: it has no version"},
      {R"({"format":"serverspace_exporter money","version":2})",
       "was written by a newer version of this program: its format is 2, this "
       "one reads up to 1"},
      {R"({"format":"serverspace_exporter money","version":1})",
       "is damaged: it has no list of projects"},
      {R"({"format":"serverspace_exporter money","version":1,"projects":[]})",
       "is damaged: it has no list of projects"},
      {R"({"format":"serverspace_exporter money","version":1,"projects":{"a":5}})",
       kWrongEntry},
  };
  for (const Refusal& refusal : kRefusals) {
    const auto read = DecodeMoney(refusal.text);
    ASSERT_FALSE(read.ok()) << refusal.text;
    EXPECT_EQ(read.error().message, refusal.reason) << refusal.text;
  }
}

TEST(StateFormatTest, RefusesMoneyThatCannotBe) {
  const std::string start =
      R"({"format":"serverspace_exporter money","version":1,"projects":{"a":{)";
  const auto decode = [&](std::string_view members) {
    return DecodeMoney(start + std::string(members) + "}}}");
  };
  ASSERT_TRUE(decode(R"("project_id":"p","currency":"EUR","first_balance":5,)"
                     R"("balance":4,"spend":1,"topup":0,"used":1)")
                  .ok());
  for (
      const std::string_view members : {
          // Something is missing.
          R"("currency":"EUR","first_balance":5,"balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","first_balance":5,"balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":4,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":4,"spend":1,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":4,"spend":1,"topup":0)",
          // Of the wrong type, or beyond 64 bits.
          R"("project_id":7,"currency":"EUR","first_balance":5,"balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5.0,"balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":"5","balance":4,"spend":1,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":4,"spend":1,"topup":0,"used":9223372036854775807)",
          R"("project_id":"p","currency":"EUR","first_balance":0,"balance":9223372036854775808,"spend":0,"topup":9223372036854775808,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":0,"balance":99999999999999999999,"spend":0,"topup":1,"used":1)",
          // A digit changed: top-ups less spend is not what the balance gained.
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":4,"spend":2,"topup":0,"used":1)",
          R"("project_id":"p","currency":"EUR","first_balance":5,"balance":6,"spend":-1,"topup":0,"used":1)",
      }) {
    EXPECT_FALSE(decode(members).ok()) << members;
  }
}

TEST(StateFormatTest, RefusesTimesThatCannotBe) {
  const std::string start =
      R"({"format":"serverspace_exporter first seen","version":1,"projects":{"a":{)";
  const auto decode = [&](std::string_view members) {
    return DecodeFirstSeen(start + std::string(members) + "}}}");
  };
  ASSERT_TRUE(decode(R"("used":1,"kinds":{"server":{"new":{"b":5}}})").ok());
  for (const std::string_view members : {
           R"("used":1)",
           R"("used":1,"kinds":[])",
           R"("used":1,"kinds":{"server":[]})",
           R"("used":1,"kinds":{"server":{"new":["b"]}})",
           R"("used":1,"kinds":{"server":{"new":{"b":"5"}}})",
           R"("used":1,"kinds":{"server":{"new":{"b":5.5}}})",
           R"("used":1,"kinds":{"server":{"new":{"b":9223372036854775807}}})",
           R"("used":1,"kinds":{"server":{"new":{"b":-9223372036854775807}}})",
           // One thing in two states.
           R"("used":1,"kinds":{"server":{"new":{"b":5},"busy":{"b":6}}})",
       }) {
    EXPECT_FALSE(decode(members).ok()) << members;
  }
}

TEST(StateFormatTest, IsNotBroughtDownByDeepNesting) {
  EXPECT_EQ(DecodeMoney(std::string(1 << 20, '[')).error().message,
            "is damaged: it nests too deeply");
  // Brackets in a text are none.
  MoneyDocument document = SomeMoney();
  document.projects["prod"].value.project_id = std::string(1000, '[') + "\"{";
  EXPECT_TRUE(DecodeMoney(EncodeMoney(document)).ok());
}

TasksDocument SomeTasks() {
  tasks::Ledger ledger;
  ledger.tasks.push_back(
      std::make_shared<const tasks::WatchedTask>(tasks::WatchedTask{
          .id = "l3t1",
          .added = WallTime(milliseconds(1'500)),
          .type = "Create\"Server",
          .state = "completed",
          .progress_percent = 100,
          .created = WallTime(std::chrono::nanoseconds(1'234'567'800)),
          .completed = WallTime(std::chrono::nanoseconds(2'234'567'800)),
          .resources = {{"server", "l3s1"}, {"volume", "7"}},
          .outcome = tasks::Outcome::kCompleted,
          .ended = WallTime(milliseconds(2'500))}));
  ledger.tasks.push_back(std::make_shared<const tasks::WatchedTask>(
      tasks::WatchedTask{.id = "l3t2",
                         .added = WallTime(milliseconds(3)),
                         .state = "lost",
                         .outcome = tasks::Outcome::kLost,
                         .ended = WallTime(milliseconds(4))}));
  ledger.tasks.push_back(std::make_shared<const tasks::WatchedTask>(
      tasks::WatchedTask{.id = "l3t3", .added = WallTime(milliseconds(3))}));
  ledger.totals.of(tasks::Outcome::kLost) = 3;
  ledger.totals.AddDuration(std::chrono::nanoseconds(1'000'000'001));
  ledger.forgotten = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"dns9", "dns8"});
  TasksDocument document;
  document.projects["prod"] = {
      std::make_shared<const tasks::Ledger>(std::move(ledger)), kUsed};
  document.files = std::make_shared<const std::vector<tasks::FilePosition>>(
      std::vector<tasks::FilePosition>{
          {.path = "/var/lib/\"x\"",
           .device = 66306,
           .inode = 131,
           .offset = 12,
           .tail_hash = 9'223'372'036'854'775'807U}});
  return document;
}

void ExpectEqual(const TasksDocument& a, const TasksDocument& b) {
  EXPECT_EQ(*a.files, *b.files);
  EXPECT_EQ(a.others, b.others);
  ASSERT_EQ(a.projects.size(), b.projects.size());
  for (const auto& [project, entry] : a.projects) {
    ASSERT_TRUE(b.projects.contains(project));
    const tasks::Ledger& one = *entry.value;
    const tasks::Ledger& other = *b.projects.at(project).value;
    EXPECT_EQ(one.totals, other.totals);
    EXPECT_EQ(*one.forgotten, *other.forgotten);
    ASSERT_EQ(one.tasks.size(), other.tasks.size());
    for (std::size_t i = 0; i < one.tasks.size(); ++i)
      EXPECT_EQ(*one.tasks[i], *other.tasks[i]) << one.tasks[i]->id;
  }
}

TEST(StateFormatTest, ReadsTasksThatItWrites) {
  TasksDocument document = SomeTasks();
  document.others["later"] = "[1]";
  const auto read = DecodeTasks(EncodeTasks(document));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ExpectEqual(read.value(), document);
  const auto empty = DecodeTasks(EncodeTasks({}));
  ASSERT_TRUE(empty.ok());
  ExpectEqual(empty.value(), {});
}

TEST(StateFormatTest, RefusesEveryCutOfTasks) {
  std::string text = EncodeTasks(SomeTasks());
  text.pop_back();
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(DecodeTasks(text.substr(0, size)).ok()) << size;
}

TEST(StateFormatTest, RefusesTasksThatCannotBe) {
  const std::string totals =
      R"("finished":[0,0,0,0],"durations":[],"duration_sum_ns":0,"used":1)";
  const auto decode = [&](std::string_view members) {
    return DecodeTasks(
        R"({"format":"serverspace_exporter tasks","version":1,"projects":{"a":{)" +
        std::string(members) + "}}}");
  };
  const auto with_task = [&](std::string_view task) {
    return decode(totals + R"(,"forgotten":[],"tasks":[)" + std::string(task) +
                  "]");
  };
  ASSERT_TRUE(with_task(R"({"id":"l1t1","added":5})").ok());
  for (const std::string_view task :
       {R"({"added":5})", R"({"id":"l1t1"})", R"({"id":7,"added":5})",
        R"({"id":"l1t1","added":"5"})", R"("l1t1")",
        R"({"id":"l1t1","added":5,"type":7})",
        R"({"id":"l1t1","added":5,"created":9223372036854775808})",
        R"({"id":"l1t1","added":5,"outcome":"weird","ended":6})",
        // It has ended and nobody knows when, or the other way round.
        R"({"id":"l1t1","added":5,"outcome":"lost"})",
        R"({"id":"l1t1","added":5,"ended":6})",
        R"({"id":"../project","added":5})", R"({"id":"","added":5})",
        R"({"id":"l1t1","added":-1})",
        R"({"id":"l1t1","added":5,"outcome":"lost","ended":-6})",
        R"({"id":"l1t1","added":5,"progress":101})",
        R"({"id":"l1t1","added":5,"progress":-9000000000000000})",
        R"({"id":"l1t1","added":5,"resources":{}})",
        R"({"id":"l1t1","added":5,"resources":[["server"]]})",
        R"({"id":"l1t1","added":5,"resources":[["server",7]]})"}) {
    EXPECT_FALSE(with_task(task).ok()) << task;
  }
  EXPECT_FALSE(decode(totals + R"(,"forgotten":[7],"tasks":[])").ok());
  EXPECT_FALSE(decode(totals + R"(,"forgotten":["<b>"],"tasks":[])").ok());
  EXPECT_FALSE(decode(totals + R"(,"tasks":[])").ok());
  // Together they would be more than is counted.
  EXPECT_FALSE(
      decode(R"("finished":[0,0,0,0],"durations":[9223372036854775807,)"
             R"(1,0,0,0,0,0,0,0,0,0,0],"duration_sum_ns":0,"used":1,)"
             R"("forgotten":[],"tasks":[])")
          .ok());
  const auto with_many = [&](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      list += i == 0 ? "" : ",";
      list += R"({"id":"l1t)" + std::to_string(i) + R"(","added":5})";
    }
    return with_task(list);
  };
  EXPECT_TRUE(with_many(20'000).ok());
  EXPECT_FALSE(with_many(20'001).ok());
  EXPECT_FALSE(
      decode(
          R"("finished":[0,0,-1,0],"durations":[],"duration_sum_ns":0,"used":1,)"
          R"("forgotten":[],"tasks":[])")
          .ok());
}

TEST(StateFormatTest, ReadsAFileAnewWhosePositionIsWrong) {
  const auto read = DecodeTasks(
      R"({"format":"serverspace_exporter tasks","version":1,"projects":{},)"
      R"("files":[7,{"path":"a"},{"path":"b","device":1,"inode":2,)"
      R"("offset":-1,"tail":4},{"path":"b","device":-1,"inode":2,"offset":3,)"
      R"("tail":4},{"path":"c","device":1,"inode":2,"offset":3,"tail":4}]})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().files->size(), 1U);
  EXPECT_EQ(read.value().files->front().path, "c");
}

}  // namespace
}  // namespace serverspace::exporter
