#include "api/http_project_client.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/leaping_clock.h"
#include "api/recording_observer.h"
#include "api/retry.h"
#include "api/scripted_transport.h"
#include "base/timestamp.h"

namespace serverspace::api {
namespace {

using namespace std::chrono_literals;
using http::Stage;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kKey = "04aaaaSECRETSECRETSECRET";
constexpr const char* kProject =
    R"({"project":{"id":7,"balance":12.5,"currency":"EUR","state":"Active"}})";

ScriptedTransport::Answer Ok(std::string body = kProject) {
  return http::Response{.status = 200, .body = std::move(body)};
}

ScriptedTransport::Answer Status(int status, std::string retry_after = "",
                                 std::string body = "") {
  return http::Response{.status = status,
                        .body = std::move(body),
                        .retry_after = std::move(retry_after)};
}

ScriptedTransport::Answer Broken(ErrorCode code,
                                 Stage stage = Stage::kExchange) {
  return http::TransportError{{code, "api.example.com: broken"}, stage};
}

class HttpProjectClientTest : public testing::Test {
 protected:
  HttpProjectClientTest() { admission_.AddProject("prod", "api.example.com"); }

  HttpProjectClient& Client() {
    if (!client_) {
      client_.emplace(
          options_, [this] { return key_; },
          ClientContext{transport_, host_, admission_, drift_, observer_,
                        clock_, random_});
    }
    return *client_;
  }
  Call Within(Duration time) {
    return {clock_.Mono() + time, stop_.get_token()};
  }
  Result<Project> Get(Duration time = 48s) {
    return Client().GetProject(Within(time));
  }
  /// Asks once with the script's answer and gives the error.
  Error ErrorOf(ScriptedTransport::Answer answer) {
    transport_.Add(std::move(answer));
    const auto project = Get();
    EXPECT_FALSE(project.ok());
    return project.ok() ? Error() : project.error();
  }
  std::size_t Requests() const { return transport_.asked().size(); }

  ClientOptions options_{.project = "prod",
                         .base = {.host = "api.example.com"},
                         .max_attempts = 4};
  Secret key_{kKey};
  RecordingObserver observer_;
  Drift drift_{observer_};
  LeapingClock clock_;
  Random random_{3};
  HostState host_{"api.example.com", {}, clock_, random_, observer_};
  Admission admission_{{}, [] {}};
  ScriptedTransport transport_{clock_};
  std::stop_source stop_;
  std::optional<HttpProjectClient> client_;
};

TEST_F(HttpProjectClientTest, ReadsTheProject) {
  transport_.Add(Ok(), 120ms);
  const auto project = Get();
  ASSERT_TRUE(project.ok()) << project.error().message;
  EXPECT_EQ(project.value().balance.ToString(), "12.5");
  ASSERT_EQ(Requests(), 1);
  EXPECT_EQ(transport_.asked()[0].url, "api.example.com/api/v1/project");
  EXPECT_EQ(transport_.asked()[0].key, kKey);
  EXPECT_THAT(observer_.attempts(), ElementsAre("/project 200 120"));
  EXPECT_THAT(observer_.retries(), IsEmpty());
  EXPECT_THAT(observer_.waits(), IsEmpty());
}

TEST_F(HttpProjectClientTest, ReadsTheServersOfAHostWithAPath) {
  options_.base = {.host = "api.example.com", .port = 8443, .path = "/cloud"};
  transport_.Add(Ok(R"({"servers":[{"id":"l3s1"},{"id":"l3s2"}]})"));
  const auto servers = Client().ListServers(Within(48s));
  ASSERT_TRUE(servers.ok());
  EXPECT_THAT(servers.value(), SizeIs(2));
  EXPECT_EQ(transport_.asked()[0].url,
            "api.example.com:8443/cloud/api/v1/servers");
}

TEST_F(HttpProjectClientTest, TakesLessOfWhatIsAboutOneThing) {
  transport_.Add(Ok());
  transport_.Add(Ok(R"({"servers":[]})"));
  ASSERT_TRUE(Get().ok());
  ASSERT_TRUE(Client().ListServers(Within(48s)).ok());
  EXPECT_EQ(transport_.asked()[0].max_body_bytes, std::size_t{1} << 20);
  EXPECT_EQ(transport_.asked()[1].max_body_bytes, std::size_t{64} << 20);
}

TEST_F(HttpProjectClientTest, NamesAnAnswerThatFoundNoRoomAndAsksNoMore) {
  const Error error = ErrorOf(Broken(ErrorCode::kNoRoom));
  EXPECT_EQ(error.code, ErrorCode::kNoRoom);
  EXPECT_EQ(Requests(), 1U);
  EXPECT_THAT(observer_.attempts(), ElementsAre("/project no_room 0"));
}

TEST_F(HttpProjectClientTest, ReadsNoLongerThanTheCallMayTake) {
  std::string body = R"({"servers":[{"id":0})";
  for (int n = 1; n < 10'000; ++n)
    body += R"(,{"id":)" + std::to_string(n) + "}";
  transport_.Add(Ok(body + "]}"), 47s, [this] { clock_.Advance(1s); });
  options_.attempt_timeout = 60s;
  const auto servers = Client().ListServers(Within(48s));
  ASSERT_FALSE(servers.ok());
  EXPECT_EQ(servers.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(servers.error().message, HasSubstr("GET /servers"));
}

struct RouteCase {
  std::string path;
  std::string route;
  std::function<Result<std::size_t>(HttpProjectClient&, const Call&)> read;
};

class HttpProjectClientRouteTest
    : public HttpProjectClientTest,
      public testing::WithParamInterface<RouteCase> {};

/// A list's length behind any of the client's methods.
template <typename Method, typename... Ids>
auto Counted(Method method, Ids... ids) {
  return
      [=](HttpProjectClient& client, const Call& call) -> Result<std::size_t> {
        const auto items = (client.*method)(call, ids...);
        if (!items.ok()) return items.error();
        return items.value().size();
      };
}

TEST_P(HttpProjectClientRouteTest, AsksOnceWithoutParameters) {
  transport_.Add(Ok("{}"));
  const auto items = GetParam().read(Client(), Within(48s));
  ASSERT_TRUE(items.ok()) << items.error().message;
  EXPECT_EQ(items.value(), 0U);
  ASSERT_EQ(Requests(), 1U);
  EXPECT_EQ(transport_.asked()[0].url,
            "api.example.com/api/v1" + GetParam().path);
  EXPECT_THAT(observer_.attempts(), ElementsAre(GetParam().route + " 200 0"));
}

TEST_P(HttpProjectClientRouteTest, TellsWhatIsMissingFromWhatIsForbidden) {
  for (const auto& [status, code] : {std::pair(404, ErrorCode::kNotFound),
                                     std::pair(403, ErrorCode::kForbidden),
                                     std::pair(401, ErrorCode::kAuth)}) {
    ScriptedTransport transport(clock_);
    transport.Add(Status(status));
    HttpProjectClient client(
        options_, [this] { return key_; },
        ClientContext{transport, host_, admission_, drift_, observer_, clock_,
                      random_});
    const auto items = GetParam().read(client, Within(48s));
    ASSERT_FALSE(items.ok());
    EXPECT_EQ(items.error().code, code);
    EXPECT_THAT(items.error().message,
                HasSubstr("GET " + GetParam().route + ": HTTP "));
  }
}

using C = HttpProjectClient;
INSTANTIATE_TEST_SUITE_P(
    Routes, HttpProjectClientRouteTest,
    testing::Values(
        RouteCase{"/networks/isolated", "/networks/isolated",
                  Counted(&C::ListNetworks)},
        RouteCase{"/gateways", "/gateways", Counted(&C::ListGateways)},
        RouteCase{"/domains", "/domains", Counted(&C::ListDomains)},
        RouteCase{"/domains/a%2Fb.example.org./records",
                  "/domains/{name}/records",
                  Counted(&C::ListDomainRecords, "a/b.example.org.")},
        RouteCase{"/k8s_clusters", "/k8s_clusters", Counted(&C::ListClusters)},
        RouteCase{"/affinity-groups", "/affinity-groups",
                  Counted(&C::ListAffinityGroups)},
        RouteCase{"/ssh-keys", "/ssh-keys", Counted(&C::ListSshKeys)},
        RouteCase{"/locations", "/locations", Counted(&C::ListLocations)},
        RouteCase{"/images", "/images", Counted(&C::ListImages)},
        RouteCase{"/servers/l3s1/snapshots", "/servers/{id}/snapshots",
                  Counted(&C::ListSnapshots, "l3s1")},
        RouteCase{"/servers/l3s1/backup/restore-points",
                  "/servers/{id}/backup/restore-points",
                  Counted(&C::ListRestorePoints, "l3s1")},
        RouteCase{"/vmware/servers", "/vmware/servers",
                  Counted(&C::ListVmwareServers)},
        RouteCase{"/vmware/networks", "/vmware/networks",
                  Counted(&C::ListVmwareNetworks)}));

TEST_F(HttpProjectClientTest, ReadsTheBackupOfAServer) {
  transport_.Add(Ok(R"({"enabled":true})"));
  const auto backup = Client().GetBackup(Within(48s), "l3s 1");
  ASSERT_TRUE(backup.ok()) << backup.error().message;
  EXPECT_EQ(backup.value().enabled, true);
  EXPECT_EQ(transport_.asked()[0].url,
            "api.example.com/api/v1/servers/l3s%201/backup");
  EXPECT_THAT(observer_.attempts(), ElementsAre("/servers/{id}/backup 200 0"));
}

TEST_F(HttpProjectClientTest, ReadsATask) {
  transport_.Add(Ok(R"({"task":{"id":"l3t1","is_completed":"Failed"}})"));
  const auto task = Client().GetTask(Within(48s), "l3t1");
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task.value().state, "failed");
  EXPECT_EQ(transport_.asked()[0].url, "api.example.com/api/v1/tasks/l3t1");
  EXPECT_THAT(observer_.attempts(), ElementsAre("/tasks/{id} 200 0"));
}

TEST_F(HttpProjectClientTest, BoundsAnAttemptByItsTimeoutAndTheCallsDeadline) {
  transport_.Add(Ok());
  const MonoTime now = clock_.Mono();
  ASSERT_TRUE(Get(48s).ok());
  ASSERT_TRUE(Get(3s).ok());
  EXPECT_EQ(transport_.asked()[0].deadline, now + 20s);
  EXPECT_EQ(transport_.asked()[1].deadline, now + 3s);
}

struct StatusCase {
  int status;
  ErrorCode code;
  std::size_t requests;
};

class StatusTest : public HttpProjectClientTest,
                   public testing::WithParamInterface<StatusCase> {};

TEST_P(StatusTest, HasItsCodeAndItsAttempts) {
  const Error error = ErrorOf(Status(GetParam().status));
  EXPECT_EQ(error.code, GetParam().code);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("GET /project"),
                    HasSubstr("HTTP " + std::to_string(GetParam().status))));
  EXPECT_EQ(Requests(), GetParam().requests);
  EXPECT_THAT(observer_.retries(), SizeIs(GetParam().requests - 1));
}

INSTANTIATE_TEST_SUITE_P(
    Table, StatusTest,
    testing::Values(StatusCase{100, ErrorCode::kOther, 1},
                    StatusCase{301, ErrorCode::kOther, 1},
                    StatusCase{302, ErrorCode::kOther, 1},
                    StatusCase{304, ErrorCode::kOther, 1},
                    StatusCase{400, ErrorCode::kOther, 1},
                    StatusCase{401, ErrorCode::kAuth, 1},
                    StatusCase{403, ErrorCode::kForbidden, 1},
                    StatusCase{404, ErrorCode::kNotFound, 1},
                    StatusCase{408, ErrorCode::kTimeout, 4},
                    StatusCase{418, ErrorCode::kOther, 1},
                    StatusCase{429, ErrorCode::kRateLimited, 4},
                    StatusCase{500, ErrorCode::kServerError, 4},
                    StatusCase{502, ErrorCode::kServerError, 4},
                    StatusCase{503, ErrorCode::kServerError, 4},
                    StatusCase{599, ErrorCode::kServerError, 4},
                    StatusCase{600, ErrorCode::kOther, 1}));

TEST_F(HttpProjectClientTest, RetriesWhatBrokeOnTheWay) {
  transport_.Add(Broken(ErrorCode::kNetwork), 10ms);
  transport_.Add(Broken(ErrorCode::kTimeout), 20s);
  transport_.Add(Status(503), 10ms);
  transport_.Add(Ok(), 10ms);
  ASSERT_TRUE(Get().ok());
  EXPECT_THAT(observer_.attempts(),
              ElementsAre("/project network 10", "/project timeout 20000",
                          "/project 503 10", "/project 200 10"));
  EXPECT_THAT(observer_.retries(), SizeIs(3));
}

TEST_F(HttpProjectClientTest, RetriesNeitherTlsNorRefusalsNorBadAnswers) {
  for (const ErrorCode code : {ErrorCode::kTls, ErrorCode::kBadResponse,
                               ErrorCode::kOther, ErrorCode::kInvalidInput}) {
    SCOPED_TRACE(static_cast<int>(code));
    const std::size_t before = Requests();
    ScriptedTransport transport(clock_);
    transport.Add(Broken(code, Stage::kTls));
    HttpProjectClient client(
        options_, [this] { return key_; },
        {transport, host_, admission_, drift_, observer_, clock_, random_});
    EXPECT_EQ(client.GetProject(Within(48s)).error().code, code);
    EXPECT_THAT(transport.asked(), SizeIs(1));
    EXPECT_EQ(Requests(), before);
  }
}

TEST_F(HttpProjectClientTest, NeverTakesABadAnswerForAnEmptyOne) {
  for (const char* body : {"", "<html>", "{}", "[]", "null", "{\"servers\":[",
                           "{\"errors\":[]}"}) {
    ScriptedTransport transport(clock_);
    transport.Add(Ok(body));
    HttpProjectClient client(
        options_, [this] { return key_; },
        {transport, host_, admission_, drift_, observer_, clock_, random_});
    const auto servers = client.ListServers(Within(48s));
    ASSERT_FALSE(servers.ok()) << body;
    EXPECT_EQ(servers.error().code, ErrorCode::kBadResponse);
    EXPECT_THAT(transport.asked(), SizeIs(1)) << "not retried";
  }
}

TEST_F(HttpProjectClientTest, NamesTheApisErrorNumberAndNoneOfItsText) {
  const Error error = ErrorOf(Status(
      400, "",
      R"({"errors":[{"code":-4000,"message":"SECRETSECRET is busy"}]})"));
  EXPECT_EQ(error.message, "GET /project: HTTP 400, API error -4000");
}

TEST_F(HttpProjectClientTest, RefusesRedirects) {
  EXPECT_EQ(ErrorOf(Status(302, "", R"({"errors":[{"code":1}]})")).message,
            "GET /project: HTTP 302, redirect refused");
}

TEST_F(HttpProjectClientTest, SpreadsRetriesByGrowingRandomPauses) {
  options_.max_attempts = 8;
  options_.limiter = {.per_second = 1000, .burst = 100};
  transport_.Add(Status(500));
  ASSERT_FALSE(Get(1h).ok());
  ASSERT_EQ(Requests(), 8);
  Duration limit = 500ms;
  for (std::size_t n = 1; n < Requests(); ++n) {
    const Duration pause =
        transport_.asked()[n].at - transport_.asked()[n - 1].at;
    EXPECT_LT(pause, limit) << n;
    limit = std::min<Duration>(limit * 2, 10s);
  }
}

TEST_F(HttpProjectClientTest, GivesUpWhereTheDeadlineLeavesNoTime) {
  transport_.Add(Broken(ErrorCode::kTimeout), 20s);
  const MonoTime start = clock_.Mono();
  const auto project = Get(40s);
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(project.error().code, ErrorCode::kTimeout);
  EXPECT_LE(Requests(), 2);
  EXPECT_LE(clock_.Mono(), start + 40s);
}

TEST_F(HttpProjectClientTest, WaitsAsLongAsTheHostAsks) {
  transport_.Add(Status(429, "17"));
  transport_.Add(Ok());
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(transport_.asked()[1].at - transport_.asked()[0].at, 17s);
}

TEST_F(HttpProjectClientTest, WaitsUntilTheDateThatTheHostNames) {
  const auto now = ParseTimestamp("2023-11-14T22:13:20Z");
  ASSERT_EQ(clock_.Wall(), now);
  transport_.Add(Status(503, "Tue, 14 Nov 2023 22:13:50 GMT"));
  transport_.Add(Ok());
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(transport_.asked()[1].at - transport_.asked()[0].at, 30s);
}

TEST_F(HttpProjectClientTest, PausesTheWholeProjectButNotForEver) {
  transport_.Add(Status(429, "99999999999999"));
  transport_.Add(Ok());
  const auto first = Get();
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::kRateLimited);

  // Another run of the project fails at once, with what the host said.
  const MonoTime before = clock_.Mono();
  const auto second = Client().ListServers(Within(48s));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(second.error().message.find("GET /servers: HTTP 429"), 0U)
      << second.error().message;
  EXPECT_EQ(clock_.Mono(), before);
  EXPECT_EQ(Requests(), 1);

  clock_.Advance(kMaxRetryAfter);
  EXPECT_TRUE(Get().ok());
}

TEST_F(HttpProjectClientTest, IgnoresARetryAfterThatMakesNoSense) {
  for (const char* header : {"-5", "soon", "", "1e9", "NaN", "0"}) {
    const MonoTime start = clock_.Mono();
    ScriptedTransport transport(clock_);
    transport.Add(Status(429, header));
    transport.Add(Ok());
    HttpProjectClient client(
        options_, [this] { return key_; },
        {transport, host_, admission_, drift_, observer_, clock_, random_});
    ASSERT_TRUE(client.GetProject(Within(48s)).ok()) << header;
    EXPECT_LT(clock_.Mono() - start, 500ms) << header;
  }
}

TEST_F(HttpProjectClientTest, DoesNotPauseForARefusalThatIsFinal) {
  transport_.Add(Status(403, "3600"));
  transport_.Add(Ok());
  EXPECT_FALSE(Get().ok());
  EXPECT_TRUE(Get().ok());
}

TEST_F(HttpProjectClientTest, KeepsRetriesWithinTheRate) {
  options_.max_attempts = 50;
  options_.retry_base = options_.retry_cap = 1ms;
  transport_.Add(Status(500));
  const MonoTime start = clock_.Mono();
  ASSERT_FALSE(Get(8s).ok());
  const auto seconds = (clock_.Mono() - start) / 1s;
  EXPECT_LE(Requests(), 5U + 5U * static_cast<std::size_t>(seconds + 1));
  EXPECT_GT(Requests(), 30U);
  EXPECT_FALSE(observer_.waits().empty());
  EXPECT_THAT(observer_.waits().front(), HasSubstr("prod "));
}

TEST_F(HttpProjectClientTest, StopsBeforeAndBetweenAttempts) {
  transport_.Add(Status(500), 0s, [this] { stop_.request_stop(); });
  const auto cut = Get();
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Requests(), 1);
  EXPECT_EQ(Get().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Requests(), 1);
}

TEST_F(HttpProjectClientTest, PassesACancelledAttemptOn) {
  EXPECT_EQ(ErrorOf(Broken(ErrorCode::kCancelled)).code, ErrorCode::kCancelled);
  EXPECT_EQ(Requests(), 1);
  EXPECT_THAT(observer_.attempts(), ElementsAre("/project cancelled 0"));
}

TEST_F(HttpProjectClientTest, FailsAtOnceWhileTheHostsCircuitIsOpen) {
  options_.max_attempts = 9;
  transport_.Add(Broken(ErrorCode::kNetwork, Stage::kConnect));
  const auto project = Get();
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(project.error().code, ErrorCode::kNetwork);
  const std::size_t before = Requests();
  const MonoTime start = clock_.Mono();
  const auto refused = Get();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNetwork);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("GET /project: circuit open"),
                    HasSubstr("api.example.com: broken")));
  EXPECT_EQ(clock_.Mono(), start);
  EXPECT_EQ(Requests(), before);
}

TEST_F(HttpProjectClientTest, RecoversThroughAProbe) {
  options_.max_attempts = 1;
  for (int n = 0; n < 5; ++n)
    transport_.Add(Broken(ErrorCode::kTls, Stage::kTls));
  transport_.Add(Ok());
  for (int n = 0; n < 5; ++n) EXPECT_FALSE(Get().ok());
  EXPECT_FALSE(Get().ok());
  EXPECT_EQ(Requests(), 5);
  clock_.Advance(1s);
  EXPECT_TRUE(Get().ok());
  EXPECT_THAT(observer_.circuits(),
              ElementsAre("api.example.com closed", "api.example.com open",
                          "api.example.com closed"));
}

TEST_F(HttpProjectClientTest, IsSlowAfterATimeoutUntilAnAnswer) {
  options_.max_attempts = 1;
  for (const char* name : {"a", "b"}) {
    admission_.AddProject(name, "api.example.com");
    admission_.MarkSlow(name, true);
  }
  std::vector<Admission::Ticket> tickets;
  for (const char* name : {"a", "a", "b", "b"})
    tickets.push_back(std::move(*admission_.TryAdmit(name)));

  transport_.Add(Broken(ErrorCode::kTimeout), 20s);
  transport_.Add(Broken(ErrorCode::kNetwork));
  transport_.Add(Status(500));
  EXPECT_TRUE(admission_.TryAdmit("prod"));
  EXPECT_FALSE(Get().ok());
  EXPECT_FALSE(admission_.TryAdmit("prod")) << "the slow share is taken";
  EXPECT_FALSE(Get().ok());
  EXPECT_FALSE(admission_.TryAdmit("prod"));
  EXPECT_FALSE(Get().ok());
  EXPECT_TRUE(admission_.TryAdmit("prod")) << "an answer is not slow";
}

TEST_F(HttpProjectClientTest, AsksForTheKeyBeforeEachAttempt) {
  transport_.Add(Status(500), 0s, [this] { key_ = Secret("04bbbb"); });
  transport_.Add(Ok());
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(transport_.asked()[0].key, kKey);
  EXPECT_EQ(transport_.asked()[1].key, "04bbbb");
}

TEST_F(HttpProjectClientTest, AsksNobodyWithoutAKey) {
  key_ = Secret();
  transport_.Add(Ok());
  const auto project = Get();
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(project.error().code, ErrorCode::kAuth);
  EXPECT_EQ(Requests(), 0);
  EXPECT_TRUE(host_.Check().ok());
}

TEST_F(HttpProjectClientTest, ReportsTheOffsetOfTheHostsClock) {
  transport_.Add(http::Response{.status = 200,
                                .body = kProject,
                                .date = "Tue, 14 Nov 2023 22:13:21 GMT"},
                 2s);
  ASSERT_TRUE(Get().ok());
  EXPECT_THAT(observer_.offsets(), ElementsAre("api.example.com 500"));
}

TEST_F(HttpProjectClientTest, PutsTheKeyInNoErrorText) {
  options_.max_attempts = 2;
  std::vector<ScriptedTransport::Answer> answers = {
      Broken(ErrorCode::kNetwork),
      Broken(ErrorCode::kTimeout),
      Broken(ErrorCode::kTls, Stage::kTls),
      Ok(std::string(kKey)),
      Ok("{\"project\":\"" + std::string(kKey) + "\"}"),
      Ok("{\"" + std::string(kKey) + "\":1}")};
  for (const int status : {302, 400, 401, 403, 404, 408, 429, 500, 503}) {
    answers.push_back(Status(status, std::string(kKey), std::string(kKey)));
    answers.push_back(Status(status, "",
                             R"({"errors":[{"code":")" + std::string(kKey) +
                                 R"(","message":")" + std::string(kKey) +
                                 "\"}]}"));
  }
  for (const auto& answer : answers) {
    ScriptedTransport transport(clock_);
    transport.Add(answer);
    HttpProjectClient client(
        options_, [this] { return key_; },
        {transport, host_, admission_, drift_, observer_, clock_, random_});
    const auto project = client.GetProject(Within(48s));
    ASSERT_FALSE(project.ok());
    EXPECT_THAT(project.error().message,
                AllOf(HasSubstr("GET /project"), Not(HasSubstr("SECRET"))));
  }
  for (const auto& line : observer_.attempts())
    EXPECT_THAT(line, Not(HasSubstr("SECRET")));
}

}  // namespace
}  // namespace serverspace::api
