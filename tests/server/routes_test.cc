#include "server/routes.h"

#include <chrono>
#include <latch>
#include <memory>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/registry.h"
#include "exporter/fake_transport.h"
#include "metrics/exposition.h"

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;

/// The routes of an exporter with one project.
class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    exporter_ = std::make_unique<exporter::Exporter>(
        Options("prod"), exporter::ExporterContext{.transport = transport_,
                                                   .store = store_,
                                                   .clock = clock_,
                                                   .random = random_,
                                                   .log = log_});
    router_ = std::make_unique<Router>(MakeRoutes(*exporter_, "1.2.3"));
  }

  static exporter::ExporterOptions Options(std::string project) {
    exporter::ExporterOptions options;
    for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
      if (row.presence != collectors::Presence::kCore) continue;
      options.collectors.push_back({.name = std::string(row.name),
                                    .collector = row.make(),
                                    .presence = row.presence,
                                    .interval = row.interval,
                                    .stale_after = 600s});
    }
    options.projects.push_back(
        {.facts = {.name = std::move(project),
                   .thresholds = {},
                   .api_key_expires = {}},
         .base_url = {.host = "api.example.com", .port = 443, .path = ""},
         .key = {.file = "", .key = Secret("l5-key")}});
    return options;
  }

  Response Answer(const Request& request) {
    Response refusal;
    const Route* route = router_->Find(request, refusal);
    return route == nullptr ? refusal : route->handler(request);
  }
  Response Get(std::string path) { return Answer({.path = std::move(path)}); }
  static std::string Text(const Response& response) {
    std::string text;
    for (const std::string_view part : response.body.parts) text += part;
    return text;
  }
  /// Two threads of the poller and the housekeeper.
  void Pass(Duration time) {
    for (; time > Duration::zero(); time -= 50ms) {
      clock_.AwaitWaiters(3);
      clock_.Advance(50ms);
    }
    clock_.AwaitWaiters(3);
  }

  FakeClock clock_;
  Random random_{7};
  RecordingLog log_;
  exporter::MemoryState store_;
  exporter::FakeTransport transport_{clock_};
  std::unique_ptr<exporter::Exporter> exporter_;
  std::unique_ptr<Router> router_;
};

TEST_F(RoutesTest, SayReadyOnceEverythingWasAsked) {
  Response response = Get("/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Text(response),
            "not every project was asked for its balance and servers yet\n");
  exporter_->Start();
  Pass(1s);
  response = Get("/-/ready");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Text(response), "ready\n");
}

TEST_F(RoutesTest, SayHealthyWhileRunsEnd) {
  std::latch stuck(1);
  std::latch entered(2);
  transport_.Use([&](const http::Request& request) {
    entered.count_down();
    stuck.wait();
    return exporter::FakeTransport::Ok(request);
  });
  exporter_->Start();
  entered.wait();
  Response response = Get("/-/healthy");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Text(response), "healthy\n");
  clock_.Advance(91s);
  response = Get("/-/healthy");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Text(response), "a run of a collector has not ended in time\n");
  stuck.count_down();
  exporter_->Stop();
}

TEST_F(RoutesTest, ServeMetrics) {
  exporter_->Start();
  Pass(1s);
  const Response response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(Text(response).find("serverspace_up{project=\"prod\"} 1\n"),
            std::string::npos);
  EXPECT_EQ(Answer({.path = "/metrics", .query = "project=prod"}).status, 200);
  EXPECT_EQ(Answer({.path = "/metrics", .query = "project=x"}).status, 400);
  EXPECT_EQ(Answer({.path = "/metrics", .query = "collect[]=x"}).status, 400);
}

TEST_F(RoutesTest, ServeAPageForPeople) {
  exporter_->Start();
  Pass(1s);
  const Response response = Get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_NE(Text(response).find("<h3>prod</h3>"), std::string::npos);
  EXPECT_NE(Text(response).find("318.07 USD"), std::string::npos);
  EXPECT_NE(Text(response).find("1 (1 active)"), std::string::npos);
}

TEST_F(RoutesTest, KnowNoOtherPath) {
  for (const std::string path :
       {"/metric", "/metrics/", "/-/quit", "/index.html", ""})
    EXPECT_EQ(Get(path).status, 404) << path;
}

TEST_F(RoutesTest, OnlyAnswerToReading) {
  for (const std::string path : {"/metrics", "/-/healthy", "/-/ready", "/"}) {
    for (const Method method : {Method::kPost, Method::kOther}) {
      const Response response = Answer({.method = method, .path = path});
      EXPECT_EQ(response.status, 405) << path;
      ASSERT_EQ(response.headers.size(), 1U);
      EXPECT_EQ(response.headers[0].first, "Allow");
      EXPECT_EQ(response.headers[0].second, "GET, HEAD");
    }
    EXPECT_NE(Answer({.method = Method::kHead, .path = path}).status, 405);
  }
}

TEST_F(RoutesTest, RefuseToReloadUnlessTold) {
  const Response response =
      Answer({.method = Method::kPost, .path = "/-/reload"});
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_NE(Text(response).find("--web.enable-lifecycle"), std::string::npos);
}

TEST_F(RoutesTest, ReloadAndSayWhatCameOfIt) {
  Result<void> outcome;
  int reloads = 0;
  router_ = std::make_unique<Router>(MakeRoutes(*exporter_, "1.2.3", [&] {
    ++reloads;
    return outcome;
  }));
  Response response = Answer({.method = Method::kPost, .path = "/-/reload"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Text(response), "reloaded\n");
  outcome = Error{ErrorCode::kInvalidInput, "a.yml:1: x: no\na.yml:2: y: no"};
  response = Answer({.method = Method::kPost, .path = "/-/reload"});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(Text(response),
            "the configuration stays as it was:\n"
            "a.yml:1: x: no\na.yml:2: y: no\n");
  EXPECT_EQ(reloads, 2);
  // A link or a prefetch must not reload.
  response = Get("/-/reload");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.at(0).second, "POST");
  EXPECT_EQ(reloads, 2);
}

TEST_F(RoutesTest, ReloadOutsideTheEventLoop) {
  for (const Route& route :
       MakeRoutes(*exporter_, "1.2.3", [] { return Result<void>(); })) {
    if (route.path == "/-/reload") {
      EXPECT_TRUE(route.offload(Request{.method = Method::kPost}));
    }
  }
}

TEST_F(RoutesTest, KnowTheProjectsAfterAChange) {
  exporter_->Start();
  Pass(1s);
  exporter::ExporterOptions options = Options("other");
  exporter_->Apply(std::move(options));
  Pass(1s);
  EXPECT_EQ(Answer({.path = "/metrics", .query = "project=prod"}).status, 400);
  EXPECT_EQ(Answer({.path = "/metrics", .query = "project=other"}).status, 200);
}

TEST_F(RoutesTest, RefuseBodies) {
  for (const Route& route : MakeRoutes(*exporter_, "1.2.3"))
    EXPECT_EQ(route.max_body_bytes, 0U) << route.path;
}

TEST_F(RoutesTest, LeaveTheEventLoopForWhatIsMadeAnew) {
  for (const Route& route : MakeRoutes(*exporter_, "1.2.3")) {
    const bool plain = route.offload && route.offload(Request{});
    const bool filtered =
        route.offload && route.offload(Request{.query = "project=prod"});
    EXPECT_EQ(plain, route.path == "/") << route.path;
    EXPECT_EQ(filtered, route.path == "/" || route.path == "/metrics")
        << route.path;
  }
}

TEST(ListenerMetricsTest, ShowsEveryReasonFromZero) {
  ListenerStats stats;
  stats.connections = 3;
  stats.rejected[static_cast<std::size_t>(RejectReason::kHelperBusy)] = 2;
  metrics::SampleSet samples("");
  AddListenerStats(stats, samples);
  const metrics::Fragment fragment = std::move(samples).Render();
  const std::string text = fragment.ToString();
  EXPECT_NE(text.find("serverspace_exporter_http_connections 3\n"),
            std::string::npos);
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_NE(text.find("serverspace_exporter_http_rejected_total{reason=\"" +
                        std::string(RejectReasonName(reason)) + "\"} " +
                        (reason == RejectReason::kHelperBusy ? "2\n" : "0\n")),
              std::string::npos);
  }
  std::set<std::string_view> described;
  for (const metrics::Desc* desc : ListenerDescs()) {
    EXPECT_NO_THROW(metrics::RequireValid(*desc));
    described.insert(desc->name);
  }
  std::set<std::string_view> shown;
  for (const auto& family : fragment.families())
    shown.insert(family->desc().name);
  EXPECT_EQ(shown, described);
}

}  // namespace
}  // namespace serverspace::server
