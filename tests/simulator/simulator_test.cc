#include "simulator/simulator.h"

#include <chrono>
#include <httplib.h>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/fake_clock.h"
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

class GzipTest : public SimulatorFixture {
 protected:
  GzipTest() : SimulatorFixture(Options{.gzip = true}) {}
};

TEST_F(GzipTest, CompressesForThoseWhoAccept) {
  const auto client = NewClient();
  client->set_decompress(false);
  const httplib::Headers plain = {{"X-API-KEY", simulator().api_key()}};
  httplib::Headers accepting = plain;
  accepting.emplace("Accept-Encoding", "gzip, deflate");
  const auto packed = client->Get("/api/v1/servers", accepting);
  const auto unpacked = client->Get("/api/v1/servers", plain);
  ASSERT_TRUE(packed && unpacked);
  EXPECT_EQ(packed->get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(packed->body.size(), unpacked->body.size());
  client->set_decompress(true);
  EXPECT_EQ(client->Get("/api/v1/servers", accepting)->body, unpacked->body);
}

TEST_F(SimulatorTest, ClosesIdleConnections) {
  ASSERT_EQ(Get("/project").status, 200);
  Control("POST", "/_sim/connections/close-idle");
  simulator().CloseIdleConnections();
  const auto open = [this] {
    return nlohmann::json::parse(
               *simulator().Control("GET", "/_sim/requests", "").body)
        .at("connections")
        .at("open")
        .get<int>();
  };
  while (open() > 0) std::this_thread::yield();
}

TEST_F(SimulatorTest, HoldsTheCertificateToItsNames) {
  Simulator named(Options{.host_names = {"api.example.com", "192.0.2.9"}});
  named.Start();
  const auto client = NewClient();
  EXPECT_TRUE(client->Get("/_sim/state"));
  // Another authority signed this one.
  httplib::Client stranger(named.base_url());
  stranger.set_ca_cert_path(simulator().ca_file());
  stranger.enable_server_certificate_verification(true);
  EXPECT_EQ(stranger.Get("/_sim/state").error(),
            httplib::Error::SSLServerVerification);
}

TEST_F(SimulatorTest, FollowsAClockThatIsGiven) {
  FakeClock clock;
  Simulator simulated(Options{}, &clock);
  const auto now = [&] {
    return json::parse(*simulated.Control("GET", "/_sim/state", "").body)
        .at("now");
  };
  const json before = now();
  EXPECT_EQ(now(), before);
  simulated.AdvanceTime(std::chrono::seconds(1));
  EXPECT_NE(now(), before);
}

TEST_F(SimulatorTest, TellsAWrongMethodFromAWrongPath) {
  EXPECT_EQ(Call("DELETE", "/project").status, 405);
  EXPECT_EQ(Call("GET", "/projects").status, 404);
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
