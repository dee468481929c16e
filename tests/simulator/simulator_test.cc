#include "simulator/simulator.h"

#include <chrono>
#include <httplib.h>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/test_client.h"

namespace serverspace::sim {
namespace {

using nlohmann::json;

class SimulatorTest : public SimulatorFixture {};

TEST_F(SimulatorTest, ServesTheProjectOfTheKey) {
  const auto answer = Get("/project");
  ASSERT_EQ(answer.status, 200);
  const json project = answer.body.at("project");
  EXPECT_TRUE(project.at("id").is_number_integer());
  EXPECT_TRUE(project.at("balance").is_number());
  EXPECT_EQ(project.at("state"), "Active");
}

TEST_F(SimulatorTest, RefusesAWrongOrMissingKey) {
  EXPECT_EQ(Get("/project", std::string(64, '0')).status, 401);
  EXPECT_EQ(Get("/project", "").status, 401);
}

TEST_F(SimulatorTest, PutsSecretsIntoEveryServer) {
  const json servers = Get("/servers").body.at("servers");
  ASSERT_EQ(servers.size(), 3U);
  for (const json& server : servers) {
    EXPECT_TRUE(
        server.at("password").get<std::string>().starts_with("SIM-SECRET-"));
    EXPECT_FALSE(server.at("login").get<std::string>().empty());
  }
}

TEST_F(SimulatorTest, AcceptsATrailingSlash) {
  EXPECT_EQ(Get("/servers/").status, 200);
}

TEST_F(SimulatorTest, AnswersUnknownThingsWith404) {
  EXPECT_EQ(Get("/servers/l3s1").status, 404);
  EXPECT_EQ(Get("/tasks").status, 404);
}

TEST_F(SimulatorTest, SaysTheSameForTheSameSeed) {
  Simulator twin{Options{}};
  twin.Start();
  EXPECT_EQ(RawGet(twin, "/servers"), RawGet(simulator(), "/servers"));
  Simulator other{Options{.seed = 2}};
  other.Start();
  EXPECT_NE(RawGet(other, "/servers"), RawGet(simulator(), "/servers"));
}

TEST_F(SimulatorTest, ReusesAConnection) {
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Get("/project").status, 200);
  const json requests = Control("GET", "/_sim/requests");
  EXPECT_EQ(requests.at("connections").at("accepted"), 1);
  EXPECT_EQ(requests.at("total"), 20);
}

TEST_F(SimulatorTest, ShowsAPatchedServer) {
  const std::string id = Get("/servers").body.at("servers").at(0).at("id");
  Control("PATCH", "/_sim/projects/project-0/servers/" + id,
          {{"state", "Busy"}, {"tags", {"x"}}});
  const json server = Get("/servers/" + id).body.at("server");
  EXPECT_EQ(server.at("state"), "Busy");
  EXPECT_EQ(server.at("tags"), json::array({"x"}));
  Control("DELETE", "/_sim/projects/project-0/servers/" + id);
  EXPECT_EQ(Get("/servers/" + id).status, 404);
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 2U);
}

TEST_F(SimulatorTest, StopsAtOnceThoughAClientHangs) {
  simulator().AddFault({.kind = FaultKind::kHangHeaders});
  std::jthread client([this] { Get("/project"); });
  WaitForRequests(1);
  const auto start = std::chrono::steady_clock::now();
  simulator().Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace serverspace::sim
