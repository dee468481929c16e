#include "api/decode.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/examples.h"
#include "api/recording_observer.h"
#include "base/timestamp.h"

namespace serverspace::api {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// The example of one server as a list of it.
std::string ListOfOne(const std::string& name) {
  return json{{"servers", {json::parse(Example(name)).at("server")}}}.dump();
}

/// Every text of a server that could reach a label.
std::string AllTexts(const Server& server) {
  std::string all = server.id + server.name + server.location + server.image +
                    server.affinity_group_id + server.state;
  for (const auto& tag : server.tags) all += tag;
  for (const auto& volume : server.volumes) all += volume.id + volume.name;
  for (const auto& nic : server.nics) {
    all +=
        nic.id + nic.network_id + nic.network_type + nic.mac + nic.ip_address;
  }
  for (const auto& application : server.applications)
    all += application.id + application.state;
  return all;
}

class DecodeTest : public testing::Test {
 protected:
  RecordingObserver observer_;
  Drift drift_{observer_};
};

TEST_F(DecodeTest, ReadsTheProject) {
  const auto project = ReadProject(Example("project.json"), drift_);
  ASSERT_TRUE(project.ok()) << project.error().message;
  EXPECT_EQ(project.value().id, "70412");
  EXPECT_EQ(project.value().balance.ToString(), "318.07");
  EXPECT_EQ(project.value().currency, "EUR");
  EXPECT_EQ(project.value().state, "active");
  EXPECT_EQ(project.value().created,
            ParseTimestamp("2023-02-14T09:41:55.1830427Z"));
}

TEST_F(DecodeTest, NeedsIdBalanceAndCurrencyOfAProject) {
  const json whole = json::parse(Example("project.json"));
  for (const char* member : {"id", "balance", "currency"}) {
    json answer = whole;
    answer["project"].erase(member);
    const auto project = ReadProject(answer.dump(), drift_);
    ASSERT_FALSE(project.ok()) << member;
    EXPECT_EQ(project.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(project.error().message,
                HasSubstr("\"project." + std::string(member) + "\""));
  }
  for (const char* member : {"state", "created"}) {
    json answer = whole;
    answer["project"].erase(member);
    EXPECT_TRUE(ReadProject(answer.dump(), drift_).ok()) << member;
  }
}

TEST_F(DecodeTest, PassesAProjectStateThatNobodyKnew) {
  json answer = json::parse(Example("project.json"));
  answer["project"]["state"] = "Blocked";
  const auto project = ReadProject(answer.dump(), drift_);
  ASSERT_TRUE(project.ok());
  EXPECT_EQ(project.value().state, "blocked");
  EXPECT_THAT(observer_.unknown(), ElementsAre("project.state"));
}

TEST_F(DecodeTest, ReadsServers) {
  const auto servers = ReadServers(Example("servers.json"), drift_);
  ASSERT_TRUE(servers.ok()) << servers.error().message;
  ASSERT_THAT(servers.value(), SizeIs(2));
  const Server& first = servers.value()[0];
  EXPECT_EQ(first.id, "l3s4021");
  EXPECT_EQ(first.name, "db-primary");
  EXPECT_EQ(first.location, "am2");
  EXPECT_EQ(first.image, "Debian-12-X64");
  EXPECT_EQ(first.affinity_group_id, "l3g12");
  EXPECT_THAT(first.tags, ElementsAre("prod", "postgres"));
  EXPECT_EQ(first.state, "active");
  EXPECT_EQ(first.power_on, true);
  EXPECT_EQ(first.cpu_cores, 4);
  EXPECT_EQ(first.memory_bytes, 8'589'934'592);
  EXPECT_EQ(first.created, ParseTimestamp("2024-05-03T06:10:44.0193377Z"));
  ASSERT_THAT(first.volumes, SizeIs(2));
  EXPECT_EQ(first.volumes[1].id, "88102");
  EXPECT_EQ(first.volumes[1].name, "pgdata");
  EXPECT_EQ(first.volumes[1].size_bytes, 107'374'182'400);
  ASSERT_THAT(first.nics, SizeIs(2));
  EXPECT_EQ(first.nics[0].id, "5501");
  EXPECT_EQ(first.nics[0].network_id, "l3n901");
  EXPECT_EQ(first.nics[0].network_type, "publicshared");
  EXPECT_EQ(first.nics[0].mac, "ca:06:11:22:33:44");
  EXPECT_EQ(first.nics[0].ip_address, "203.0.113.24");
  EXPECT_EQ(first.nics[0].bandwidth_bytes_per_second, 6'250'000);
  EXPECT_EQ(first.nics[1].bandwidth_bytes_per_second, 0);
  EXPECT_THAT(first.applications, IsEmpty());
  const Server& second = servers.value()[1];
  EXPECT_EQ(second.id, "l3s4077");
  EXPECT_EQ(second.image, "Windows-Server 2022-X64");
  EXPECT_EQ(second.state, "busy");
  EXPECT_EQ(second.power_on, false);
  EXPECT_EQ(second.affinity_group_id, "");
  EXPECT_THAT(second.nics, IsEmpty());
  EXPECT_THAT(observer_.bad(), IsEmpty());
  EXPECT_THAT(observer_.unknown(), IsEmpty());
}

TEST_F(DecodeTest, ReadsApplicationsWithoutTheirSecrets) {
  const auto servers = ReadServers(ListOfOne("server.json"), drift_);
  ASSERT_TRUE(servers.ok()) << servers.error().message;
  ASSERT_THAT(servers.value(), SizeIs(1));
  const auto& applications = servers.value()[0].applications;
  ASSERT_THAT(applications, SizeIs(2));
  EXPECT_EQ(applications[0].id, "blogtool");
  EXPECT_EQ(applications[0].state, "failed");
  EXPECT_EQ(applications[1].state, "installed");
  EXPECT_THAT(AllTexts(servers.value()[0]),
              AllOf(Not(HasSubstr("EXAMPLE")), Not(HasSubstr("root")),
                    Not(HasSubstr("owner"))));
}

TEST_F(DecodeTest, ReadsAServerOfAnOlderDeployment) {
  const auto servers =
      ReadServers(ListOfOne("server-older-deployment.json"), drift_);
  ASSERT_TRUE(servers.ok()) << servers.error().message;
  ASSERT_THAT(servers.value(), SizeIs(1));
  EXPECT_EQ(servers.value()[0].name, "db-primary");
  EXPECT_THAT(observer_.bad(), IsEmpty());
}

TEST_F(DecodeTest, ReportsWhatEveryServerHasAndOneLacks) {
  json answer = json::parse(Example("servers.json"));
  json& server = answer["servers"][0];
  for (const char* member : {"state", "cpu", "ram_mb", "created"})
    server.erase(member);
  server["is_power_on"] = "";
  server["volumes"][0].erase("size_mb");
  const auto servers = ReadServers(answer.dump(), drift_);
  ASSERT_TRUE(servers.ok());
  EXPECT_THAT(servers.value(), SizeIs(2));
  EXPECT_THAT(observer_.bad(),
              ElementsAre("servers.volumes.size_mb", "servers.state",
                          "servers.is_power_on", "servers.cpu",
                          "servers.ram_mb", "servers.created"));
}

TEST_F(DecodeTest, HasEachServerAndEachPartOfItOnce) {
  json answer = json::parse(Example("servers.json"));
  json& servers = answer["servers"];
  json other = servers[0];
  other["name"] = "another name";
  other["volumes"].push_back(other["volumes"][0]);
  other["nics"].push_back(other["nics"][1]);
  servers.push_back(other);
  const auto read = ReadServers(answer.dump(), drift_);
  std::reverse(servers.begin(), servers.end());
  const auto reversed = ReadServers(answer.dump(), drift_);
  ASSERT_TRUE(read.ok() && reversed.ok());
  ASSERT_THAT(read.value(), SizeIs(2));
  EXPECT_EQ(read.value()[0].name, "another name");
  EXPECT_THAT(read.value()[0].volumes, SizeIs(2));
  EXPECT_THAT(read.value()[0].nics, SizeIs(2));
  EXPECT_EQ(read.value(), reversed.value());
  EXPECT_THAT(
      observer_.bad(),
      ElementsAre("servers.nics.id", "servers.volumes.id", "servers.id",
                  "servers.nics.id", "servers.volumes.id", "servers.id"));
}

TEST_F(DecodeTest, RefusesABalanceThatNoAmountCanHold) {
  for (const char* balance : {"1e400", "123456789012345678901234567890"}) {
    const auto project =
        ReadProject(R"({"project":{"id":1,"currency":"EUR","balance":)" +
                        std::string(balance) + "}}",
                    drift_);
    ASSERT_FALSE(project.ok());
    EXPECT_EQ(project.error().code, ErrorCode::kBadResponse);
  }
}

TEST_F(DecodeTest, ReadsAnEmptyProjectButNotAnEmptyObject) {
  const auto none = ReadServers(R"({"servers": []})", drift_);
  ASSERT_TRUE(none.ok());
  EXPECT_THAT(none.value(), IsEmpty());
  EXPECT_EQ(ReadServers("{}", drift_).error().code, ErrorCode::kBadResponse);
}

TEST_F(DecodeTest, ReadsTheExamplesThatHoldItsWrapperAndRefusesAllOthers) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kExamples)) {
    const std::string name = entry.path().filename().string();
    SCOPED_TRACE(name);
    const std::string body = Example(name);
    const json answer = json::parse(body);
    const auto wraps = [&](const char* wrapper) {
      return answer.is_object() && answer.contains(wrapper);
    };
    const auto servers = ReadServers(body, drift_);
    EXPECT_EQ(servers.ok(), wraps("servers"));
    if (servers.ok()) {
      EXPECT_EQ(servers.value().size(), answer.at("servers").size());
    }
    EXPECT_EQ(ReadProject(body, drift_).ok(), wraps("project"));
    ReadErrorNumber(body);
    ++files;
  }
  EXPECT_GT(files, 70);
}

TEST_F(DecodeTest, TakesACutAnswerForNoAnswer) {
  for (const std::string& body :
       {Example("servers.json"), ListOfOne("server.json")}) {
    ASSERT_TRUE(ReadServers(body, drift_).ok());
    for (std::size_t size = 0; size < body.size(); ++size) {
      const auto servers = ReadServers(body.substr(0, size), drift_);
      ASSERT_FALSE(servers.ok()) << size;
      ASSERT_EQ(servers.error().code, ErrorCode::kBadResponse);
      ASSERT_THAT(servers.error().message,
                  AllOf(HasSubstr("GET /servers"), Not(HasSubstr("EXAMPLE"))));
    }
  }
  const std::string project = Example("project.json");
  for (std::size_t size = 0; size < project.size(); ++size) {
    ASSERT_EQ(ReadProject(project.substr(0, size), drift_).error().code,
              ErrorCode::kBadResponse);
  }
}

/// The JSON pointers to `value` and all that is in it.
void CollectPointers(const json& value, const json::json_pointer& at,
                     std::vector<json::json_pointer>& out) {
  out.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items())
      CollectPointers(inner, at / key, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      CollectPointers(value[i], at / i, out);
  }
}

TEST_F(DecodeTest, LosesNoMoreThanTheItemWhoseTypesAreSwapped) {
  const json kStrange[] = {nullptr,
                           true,
                           0,
                           -1,
                           1.5,
                           1e300,
                           "",
                           "x",
                           "12",
                           json::array(),
                           json::array({1, "a", nullptr}),
                           json::object(),
                           {{"id", 1}, {"code", "x"}},
                           std::numeric_limits<std::uint64_t>::max(),
                           std::string(100'000, 'z')};
  for (const std::string& body :
       {Example("servers.json"), ListOfOne("server.json"),
        ListOfOne("server-older-deployment.json")}) {
    const json whole = json::parse(body);
    const std::size_t count = whole.at("servers").size();
    std::vector<json::json_pointer> pointers;
    for (std::size_t i = 0; i < count; ++i) {
      CollectPointers(whole.at("servers").at(i),
                      json::json_pointer("/servers") / i, pointers);
    }
    for (const auto& pointer : pointers) {
      const bool is_item = pointer.parent_pointer().to_string() == "/servers";
      const bool is_id =
          pointer.back() == "id" &&
          pointer.parent_pointer().parent_pointer().to_string() == "/servers";
      for (const json& strange : kStrange) {
        json answer = whole;
        answer.at(pointer) = strange;
        const auto servers = ReadServers(answer.dump(), drift_);
        if (count == 1 && (is_item || is_id) && !servers.ok()) {
          // It was the only one.
          ASSERT_EQ(servers.error().code, ErrorCode::kBadResponse);
          continue;
        }
        ASSERT_TRUE(servers.ok()) << pointer << ": " << servers.error().message;
        if (!is_item && !is_id) {
          ASSERT_EQ(servers.value().size(), count) << pointer << strange;
        } else {
          ASSERT_GE(servers.value().size(), count - 1) << pointer << strange;
        }
      }
    }
  }
}

TEST_F(DecodeTest, SurvivesEveryFlippedByte) {
  const std::string whole = Example("servers.json");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char c : {'\0', '"', '}', '[', ',', '9', '\xFF'}) {
      std::string body = whole;
      body[i] = c;
      const auto servers = ReadServers(body, drift_);
      if (!servers.ok()) {
        ASSERT_EQ(servers.error().code, ErrorCode::kBadResponse);
        ASSERT_THAT(servers.error().message, Not(HasSubstr("EXAMPLE")));
      }
    }
  }
}

TEST_F(DecodeTest, ReadsTheNumberOfAnErrorAndNothingElse) {
  EXPECT_EQ(ReadErrorNumber(Example("error-conflict.json")), -4000);
  EXPECT_EQ(ReadErrorNumber(Example("error-with-params.json")), -19969);
  EXPECT_EQ(ReadErrorNumber(Example("error-strings.json")), std::nullopt);
  EXPECT_EQ(ReadErrorNumber(Example("error-flat.json")), std::nullopt);
  for (const char* body :
       {"", "{}", "null", "\"x\"", "<html>", R"({"errors":[]})",
        R"({"errors":[{"code":"-1"}]})", R"({"errors":[{"code":1.5}]})",
        R"({"errors":[{"message":"x"},{"code":-5}]})"}) {
    EXPECT_EQ(ReadErrorNumber(body), std::nullopt) << body;
  }
  const std::string large(100'000, ' ');
  EXPECT_EQ(ReadErrorNumber(R"({"errors":[{"code":-1}]})" + large),
            std::nullopt);
  EXPECT_THAT(observer_.bad(), IsEmpty());
}

}  // namespace
}  // namespace serverspace::api
