#include "simulator/fault.h"

#include <chrono>
#include <httplib.h>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "simulator/test_client.h"

namespace serverspace::sim {
namespace {

// Longer than an honest answer takes under a sanitizer, short enough to wait
// for.
constexpr std::chrono::milliseconds kGiveUp(600);

class FaultTest : public SimulatorFixture {
 protected:
  httplib::Result RawRequest(const std::string& path,
                             bool accept_gzip = false) {
    const auto client = NewClient();
    client->set_connection_timeout(kGiveUp);
    client->set_read_timeout(kGiveUp);
    client->set_decompress(false);
    httplib::Headers headers = {{"X-API-KEY", simulator().api_key()}};
    if (accept_gzip) headers.emplace("Accept-Encoding", "gzip");
    return client->Get("/api/v1" + path, headers);
  }
};

TEST_F(FaultTest, StrikesAsOftenAsItIsTold) {
  simulator().AddFault({.kind = FaultKind::kStatus, .count = 2, .status = 502});
  EXPECT_EQ(Get("/project").status, 502);
  EXPECT_EQ(Get("/servers").status, 502);
  EXPECT_EQ(Get("/project").status, 200);
  EXPECT_EQ(simulator().faults().List().at(0).hits, 2U);
}

TEST_F(FaultTest, StrikesOnlyTheRouteItIsFor) {
  simulator().AddFault({.kind = FaultKind::kStatus, .route = "/servers/{id}"});
  EXPECT_EQ(Get("/servers").status, 200);
  EXPECT_EQ(Get("/servers/l3s1").status, 503);
}

TEST_F(FaultTest, LetsTheFirstRequestsPass) {
  simulator().AddFault({.kind = FaultKind::kStatus, .skip = 1});
  EXPECT_EQ(Get("/project").status, 200);
  EXPECT_EQ(Get("/project").status, 503);
}

struct EnvelopeCase {
  const char* envelope;
  const char* text;
};

class FaultEnvelopeTest : public SimulatorFixture,
                          public testing::WithParamInterface<EnvelopeCase> {};

TEST_P(FaultEnvelopeTest, HasTheFormAskedFor) {
  simulator().AddFault({.kind = FaultKind::kStatus,
                        .status = 400,
                        .envelope = GetParam().envelope,
                        .code = -4000,
                        .message = "no"});
  const Answer answer = Get("/project");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultEnvelopeTest,
    testing::Values(
        EnvelopeCase{"errors", R"({"errors":[{"code":-4000,"message":"no"}]})"},
        EnvelopeCase{"strings", R"({"errors":["no"]})"},
        EnvelopeCase{"message", R"({"message":"no"})"},
        EnvelopeCase{"error", R"({"error":"no"})"},
        EnvelopeCase{"code", R"({"code":"no"})"},
        EnvelopeCase{"string", R"("no")"}, EnvelopeCase{"text", "no"},
        EnvelopeCase{"empty", ""}),
    [](const auto& test) { return std::string(test.param.envelope); });

TEST_F(FaultTest, TellsWhenToRetry) {
  simulator().AddFault({.kind = FaultKind::kStatus,
                        .count = 1,
                        .status = 429,
                        .retry_after_seconds = 7});
  EXPECT_EQ(Get("/project").headers.find("Retry-After")->second, "7");
  simulator().AddFault({.kind = FaultKind::kStatus,
                        .status = 429,
                        .retry_after_seconds = 7,
                        .retry_after_as_date = true});
  EXPECT_TRUE(
      Get("/project").headers.find("Retry-After")->second.ends_with(" GMT"));
}

TEST_F(FaultTest, AnswersOtherContent) {
  const auto text = [this](const char* content) {
    simulator().ClearFaults();
    simulator().AddFault({.kind = FaultKind::kContent, .content = content});
    return Get("/servers").text;
  };
  EXPECT_TRUE(text("html").starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(text("empty"), "");
  EXPECT_EQ(text("empty_object"), "{}");
  EXPECT_EQ(text("missing_wrapper"), R"({"unexpected":true})");
  EXPECT_EQ(text("null_wrapper"), R"({"servers":null})");
  EXPECT_EQ(text("empty_list"), R"({"servers":[]})");
}

TEST_F(FaultTest, AnswersExactlyTheGivenBytes) {
  simulator().AddFault({.kind = FaultKind::kRaw,
                        .content_type = "text/x-odd",
                        .body = "\xef\xbb\xbf{\"servers\": [] "});
  const Answer answer = Get("/servers");
  EXPECT_EQ(answer.text, "\xef\xbb\xbf{\"servers\": [] ");
  EXPECT_EQ(answer.headers.find("Content-Type")->second, "text/x-odd");
}

TEST_F(FaultTest, RecordsWhetherARedirectCarriedTheKey) {
  simulator().AddFault({.kind = FaultKind::kRedirect, .status = 307});
  const auto client = NewClient();
  client->set_follow_location(true);
  client->Get("/api/v1/project", {{"X-API-KEY", simulator().api_key()}});
  EXPECT_EQ(simulator().requests().redirect_requests(), 1U);
  EXPECT_EQ(simulator().requests().redirect_requests_with_key(), 1U);
}

TEST_F(FaultTest, HangsUntilTheClientGivesUp) {
  for (const FaultKind kind : {FaultKind::kHangHeaders, FaultKind::kHangBody,
                               FaultKind::kHangHandshake}) {
    simulator().ClearFaults();
    simulator().AddFault({.kind = kind});
    EXPECT_FALSE(RawRequest("/project")) << FaultKindName(kind);
  }
  simulator().ClearFaults();
  EXPECT_TRUE(RawRequest("/project"));
}

TEST_F(FaultTest, BreaksTheAnswer) {
  for (const FaultKind kind :
       {FaultKind::kCutLength, FaultKind::kCutChunked, FaultKind::kReset,
        FaultKind::kResetBody, FaultKind::kResetHandshake}) {
    simulator().ClearFaults();
    simulator().AddFault({.kind = kind});
    EXPECT_FALSE(RawRequest("/servers")) << FaultKindName(kind);
  }
}

TEST_F(FaultTest, RefusesConnectionsUntilCleared) {
  simulator().AddFault({.kind = FaultKind::kRefuse});
  const httplib::Result refused = RawRequest("/project");
  EXPECT_EQ(refused.error(), httplib::Error::Connection);
  simulator().ClearFaults();
  EXPECT_TRUE(RawRequest("/project"));
}

TEST_F(FaultTest, OpensTheRefusedPortByItself) {
  simulator().AddFault({.kind = FaultKind::kRefuse, .duration_ms = 20});
  while (!RawRequest("/project")) {
  }
}

TEST_F(FaultTest, DripsAWholeAnswerSlowly) {
  simulator().AddFault({.kind = FaultKind::kDrip, .bytes_per_second = 1000});
  const auto start = std::chrono::steady_clock::now();
  const httplib::Result dripped = RawRequest("/project");
  ASSERT_TRUE(dripped);
  EXPECT_TRUE(dripped->body.ends_with("}}"));
  const std::chrono::milliseconds least(dripped->body.size() / 100 * 100 - 100);
  EXPECT_GE(std::chrono::steady_clock::now() - start, least);
}

TEST_F(FaultTest, DripsTheHeadToo) {
  simulator().AddFault({.kind = FaultKind::kDripAll, .bytes_per_second = 3000});
  const httplib::Result dripped = RawRequest("/project");
  ASSERT_TRUE(dripped);
  EXPECT_TRUE(dripped->body.ends_with("}}"));
}

TEST_F(FaultTest, SendsAHugeBody) {
  simulator().AddFault({.kind = FaultKind::kHugeBody, .bytes = 3'000'000});
  const httplib::Result huge = RawRequest("/servers");
  ASSERT_TRUE(huge);
  EXPECT_GT(huge->body.size(), 3'000'000U);
  EXPECT_TRUE(huge->body.ends_with("\"}"));
}

TEST_F(FaultTest, SendsAGzipBomb) {
  simulator().AddFault({.kind = FaultKind::kGzipBomb, .bytes = 10'000'000});
  const httplib::Result bomb = RawRequest("/servers", true);
  ASSERT_TRUE(bomb);
  EXPECT_EQ(bomb->get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(bomb->body.size(), 100'000U);
}

TEST_F(FaultTest, ClosesTheConnectionAfterAGoodAnswer) {
  simulator().AddFault({.kind = FaultKind::kCloseAfter, .count = 1});
  const auto client = NewClient();
  const httplib::Headers headers = {{"X-API-KEY", simulator().api_key()}};
  client->set_keep_alive(true);
  EXPECT_EQ(client->Get("/api/v1/project", headers)->status, 200);
  // Whether the client notices at once is its own affair; the third try must
  // do.
  client->Get("/api/v1/project", headers);
  EXPECT_EQ(client->Get("/api/v1/project", headers)->status, 200);
  const nlohmann::json counts = Control("GET", "/_sim/requests");
  EXPECT_GE(counts.at("connections").at("accepted"), 2);
}

TEST_F(FaultTest, DelaysAnAnswer) {
  simulator().AddFault({.kind = FaultKind::kLatency, .latency_ms = 100});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Get("/project").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(100));
}

TEST_F(FaultTest, ManyHangingClientsStarveNobody) {
  simulator().AddFault({.kind = FaultKind::kHangHeaders, .route = "/servers"});
  std::vector<std::jthread> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([this] {
      const httplib::Headers headers = {{"X-API-KEY", simulator().api_key()}};
      NewClient()->Get("/api/v1/servers", headers);
    });
  }
  WaitForRequests(50);
  EXPECT_EQ(Get("/project").status, 200);
  EXPECT_EQ(simulator().requests().total().max, 51U);
  // Lets all of them go at once; the test would not end otherwise.
  simulator().ClearFaults();
}

TEST_F(FaultTest, ComesOverTheControlInterfaceToo) {
  const nlohmann::json added =
      Control("PUT", "/_sim/faults",
              {{{"kind", "status"}, {"status", 418}, {"project", "project-0"}},
               {{"kind", "hang_headers"}, {"project", "project-9"}}});
  EXPECT_EQ(added.at("ids").size(), 2U);
  EXPECT_EQ(Get("/project").status, 418);
  Control("DELETE", "/_sim/faults/" + added.at("ids").at(0).dump());
  EXPECT_EQ(Get("/project").status, 200);
  EXPECT_EQ(Control("GET", "/_sim/faults").at("faults").size(), 1U);
  Control("DELETE", "/_sim/faults");
  EXPECT_EQ(Control("GET", "/_sim/faults").at("faults").size(), 0U);
}

TEST_F(FaultTest, ControlRefusesAnUnknownMember) {
  const Reply reply = simulator().Control("POST", "/_sim/faults",
                                          R"({"kind":"status","statsu":500})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body->find("statsu"), std::string::npos);
}

}  // namespace
}  // namespace serverspace::sim
