#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/scenario.h"
#include "simulator/test_client.h"

namespace serverspace::sim {
namespace {

using nlohmann::json;

class MoneyTest : public SimulatorFixture {
 protected:
  MoneyTest() : SimulatorFixture(Options{.projects = 2, .billing = true}) {}

  json Servers() { return Get("/servers").body.at("servers"); }
  json Ledger(std::size_t project = 0) {
    return Control("GET", "/_sim/ledger").at("projects").at(project);
  }
  void ExpectBalanced(const json& ledger) {
    const auto micros = [&](const char* name) {
      return ledger.at(name).get<std::int64_t>();
    };
    EXPECT_EQ(micros("first_balance_micros") + micros("topups_micros") -
                  micros("charges_micros"),
              micros("balance_micros"));
  }
};

TEST_F(MoneyTest, RunningThingsCostMoney) {
  const json before = Ledger();
  simulator().AdvanceTime(std::chrono::hours(24));
  const json after = Ledger();
  EXPECT_LT(after.at("balance_micros"), before.at("balance_micros"));
  ExpectBalanced(after);
}

TEST_F(MoneyTest, AMonthCostsTheMonthlyPrice) {
  // Removes all but one object of known price.
  simulator().Edit(0, [](World&, Project& project) {
    project.gateways.clear();
    project.vmware_servers.clear();
    project.servers.erase(std::next(project.servers.begin()),
                          project.servers.end());
    Server& server = project.servers.begin()->second;
    server = {.id = server.id,
              .cpu = 1,
              .ram_mb = 1000,
              .is_power_on = true,
              .installations = {}};
  });
  const auto before = Ledger().at("charges_micros").get<std::int64_t>();
  simulator().AdvanceTime(std::chrono::hours(24 * 30));
  const auto charged =
      Ledger().at("charges_micros").get<std::int64_t>() - before;
  // Whole cents are charged, so one may be due already or still.
  EXPECT_NEAR(static_cast<double>(charged), 5'000'000.0, 10'000.0);
}

TEST_F(MoneyTest, TheWireShowsTheExactBalance) {
  Control("PATCH", "/_sim/settings", {{"billing", false}});
  for (const char* amount : {"1229549.07", "-0.5", "12", "0", "0.000001"}) {
    simulator().SetBalance(0, amount);
    EXPECT_NE(RawGet(simulator(), "/project")
                  .find(std::string("\"balance\":") + amount + ","),
              std::string::npos);
  }
}

TEST_F(MoneyTest, TopUpsAndFallsAreKept) {
  Control("PATCH", "/_sim/settings", {{"billing", false}});
  Control("PATCH", "/_sim/projects/project-0", {{"first_balance", "10"}});
  Control("POST", "/_sim/projects/project-0/topup", {{"amount", "5.25"}});
  Control("PATCH", "/_sim/projects/project-0", {{"balance", "3.10"}});
  const json ledger = Ledger();
  EXPECT_EQ(ledger.at("topups_micros"), 5'250'000);
  EXPECT_EQ(ledger.at("charges_micros"), 12'150'000);
  ExpectBalanced(ledger);
}

TEST_F(MoneyTest, AnEmptyProjectIsBlockedAndComesBack) {
  Control("PATCH", "/_sim/settings", {{"block_when_empty", true}});
  simulator().SetBalance(0, "-1");
  EXPECT_EQ(Get("/project").body.at("project").at("state"), "Blocked");
  for (const json& server : Servers()) EXPECT_EQ(server.at("state"), "Blocked");
  Control("POST", "/_sim/projects/project-0/topup", {{"amount", "100"}});
  EXPECT_EQ(Get("/project").body.at("project").at("state"), "Active");
  for (const json& server : Servers()) EXPECT_EQ(server.at("state"), "Active");
}

TEST_F(MoneyTest, ProjectsAreApart) {
  const std::string other = simulator().api_key(1);
  EXPECT_NE(Get("/project", other).body.at("project").at("id"),
            Get("/project").body.at("project").at("id"));
  const std::string server = Get("/servers").body.at("servers").at(0).at("id");
  EXPECT_EQ(Get("/servers/" + server, other).status, 404);
  const std::string task =
      Call("POST", "/servers/" + server + "/power/off").body.at("task_id");
  EXPECT_EQ(Get("/tasks/" + task, other).status, 404);
}

TEST_F(MoneyTest, AKeyCanBeRefused) {
  Control("PATCH", "/_sim/projects/project-0", {{"key", "forbidden"}});
  EXPECT_EQ(Get("/project").status, 403);
  Control("PATCH", "/_sim/projects/project-0", {{"key", "unauthorized"}});
  EXPECT_EQ(Get("/project").status, 401);
  EXPECT_EQ(Get("/project", simulator().api_key(1)).status, 200);
}

TEST_F(MoneyTest, ControlChangesOtherObjects) {
  const std::string gateway =
      Get("/gateways").body.at("gateways").at(0).at("id");
  Control("PATCH", "/_sim/projects/project-0/gateways/" + gateway,
          {{"state", "Strange"}});
  EXPECT_EQ(Get("/gateways").body.at("gateways").at(0).at("state"), "Strange");
  const std::string vmware =
      Get("/vmware/servers").body.at("servers").at(0).at("id").dump();
  Control("DELETE", "/_sim/projects/project-0/vmware_servers/" + vmware);
  EXPECT_EQ(Get("/vmware/servers/" + vmware).status, 404);
  const json added = Control("POST", "/_sim/projects/project-0/servers",
                             {{"count", 5}, {"state", "New"}});
  EXPECT_EQ(added.at("ids").size(), 5U);
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 8U);
}

TEST_F(MoneyTest, SkewsTheDate) {
  const std::string honest = Get("/project").headers.find("Date")->second;
  Control("POST", "/_sim/time", {{"date_skew_seconds", -86400}});
  EXPECT_NE(Get("/project").headers.find("Date")->second.substr(0, 16),
            honest.substr(0, 16));
}

TEST(ScenarioTest, PlaysItsStepsInOrder) {
  const auto steps = Scenario::Parse(R"({"steps":[
      {"at_seconds":0.02,"method":"PATCH","path":"/_sim/projects/project-0","body":{"balance":"2"}},
      {"note":"first","method":"PATCH","path":"/_sim/projects/project-0","body":{"balance":"1"}}]})");
  ASSERT_EQ(steps.size(), 2U);
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> played;  // guarded by mutex
  const Scenario scenario(steps, 1, clock, [&](const Scenario::Step& step) {
    const std::lock_guard lock(mutex);
    played.push_back(step.body);
    changed.notify_one();
    return std::string();
  });
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10),
                               [&] { return played.size() == 2; }));
  EXPECT_EQ(played, (std::vector<std::string>{R"({"balance":"1"})",
                                              R"({"balance":"2"})"}));
}

TEST(ScenarioTest, TheShippedOnesAreTaken) {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SIMULATOR_SCENARIOS)) {
    Simulator simulator(Options{.projects = 2});
    simulator.Start();
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    for (const Scenario::Step& step : Scenario::Parse(text)) {
      const Reply reply = simulator.Control(step.method, step.path, step.body);
      EXPECT_EQ(reply.status, 200) << entry.path() << ": " << *reply.body;
    }
    ++count;
  }
  EXPECT_GE(count, 3U);
}

TEST(ScenarioTest, NamesTheWrongStep) {
  for (const char* text :
       {"[]", "{", R"({"steps":[{"method":"GET","path":"/other"}]})",
        R"({"steps":[{"methd":"GET"}]})"}) {
    EXPECT_THROW(Scenario::Parse(text), std::runtime_error) << text;
  }
}

}  // namespace
}  // namespace serverspace::sim
