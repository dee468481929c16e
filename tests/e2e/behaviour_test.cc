// What product users may rely on, a sentence a test, with the real client
// against the fake API over HTTPS.

#include <chrono>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/rig.h"

namespace serverspace {
namespace {

using namespace std::chrono_literals;
using sim::Fault;
using sim::FaultKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBalance =
    R"(project_balance{project="project-0",currency="USD"})";
constexpr const char* kServers = R"(servers{project="project-0"})";
constexpr const char* kUp = R"(up{project="project-0"})";

std::string Success(const std::string& collector,
                    const std::string& project = "project-0") {
  return "collector_success{project=\"" + project + "\",collector=\"" +
         collector + "\"}";
}

std::string Errors(const std::string& collector, const std::string& reason) {
  return R"(collector_errors_total{project="project-0",collector=")" +
         collector + "\",reason=\"" + reason + "\"}";
}

std::string LastSuccess(const std::string& collector,
                        const std::string& project = "project-0") {
  return "collector_last_success_timestamp_seconds{project=\"" + project +
         "\",collector=\"" + collector + "\"}";
}

/// Lines of the families that a collector reads from the API; what they say
/// must outlive a failed read unchanged.
std::string DataLines(const std::string& page) {
  std::string lines;
  std::size_t from = 0;
  while (from < page.size()) {
    const std::size_t to = page.find('\n', from);
    const std::string line = page.substr(from, to - from);
    for (const char* family :
         {"serverspace_server", "serverspace_operations",
          "serverspace_project_balance{", "serverspace_project_info",
          "serverspace_project_state"}) {
      if (line.starts_with(family)) {
        lines += line + "\n";
        break;
      }
    }
    from = to + 1;
  }
  return lines;
}

void SetBalanceAndAwait(Rig& rig, const std::string& amount) {
  rig.api().SetBalance(0, amount);
  ASSERT_TRUE(rig.AwaitValue(kBalance, amount));
}

TEST(BehaviourTest, PollsInTheBackgroundAndNeverCallsTheApiFromAScrape) {
  Rig rig({.interval = 1h});
  rig.Start();
  ASSERT_TRUE(Rig::Await([&] { return rig.exporter().IsReady(); }));
  for (int scrape = 0; scrape < 1000; ++scrape)
    ASSERT_FALSE(rig.Page().empty());
  EXPECT_EQ(rig.Requests(), 2U);
}

TEST(BehaviourTest, OneRunAtATimePerProjectAndCollector) {
  Rig rig({.interval = 200ms, .attempt_timeout = 5s});
  // Each answer takes most of an interval, so a second run would be due while
  // the first still waits.
  rig.api().AddFault({.kind = FaultKind::kLatency, .latency_ms = 150});
  rig.Start();
  ASSERT_TRUE(rig.AwaitNextRuns());
  ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_LE(rig.api().requests().total().max, 2U)
      << "one for each of two collectors";
}

TEST(BehaviourTest, ACollectorsDataIsReplacedWhole) {
  Rig rig;
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "3"));
  std::string gone;
  rig.api().Edit(0, [&](sim::World& world, sim::Project& project) {
    gone = project.servers.begin()->first;
    project.servers.erase(project.servers.begin());
    world.Changed(project);
  });
  ASSERT_TRUE(rig.AwaitValue(kServers, "2"));
  EXPECT_THAT(rig.Page(), Not(HasSubstr(gone)));
}

struct BadRead {
  const char* name;
  Fault fault;
  const char* reason;
};

void PrintTo(const BadRead& read, std::ostream* out) { *out << read.name; }

class BadReadTest : public ::testing::TestWithParam<BadRead> {};

// Also: missing is not 0, not -1, not NaN; and an error never becomes an empty
// or short list.
TEST_P(BadReadTest, KeepsTheLastGoodDataWithItsAgeVisibleAndRecovers) {
  Rig rig({.interval = 250ms, .attempt_timeout = 150ms});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "3"));
  ASSERT_TRUE(rig.AwaitValue(kUp, "1"));
  const std::string before = DataLines(rig.Page());
  ASSERT_THAT(before, HasSubstr("serverspace_server_volume_size_bytes"));

  rig.api().AddFault(GetParam().fault);
  ASSERT_TRUE(rig.AwaitValue(Success("servers"), "0"));
  ASSERT_TRUE(rig.AwaitValue(Success("project"), "0"));
  const auto age = rig.Value(LastSuccess("servers"));
  ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_EQ(DataLines(rig.Page()), before);
  EXPECT_EQ(rig.Value(LastSuccess("servers")), age);
  EXPECT_EQ(rig.Value(kUp), "0");
  EXPECT_GE(rig.Number(Errors("servers", GetParam().reason)), 1)
      << rig.LogText();
  EXPECT_THAT(rig.LogText(),
              HasSubstr(std::string("reason=") + GetParam().reason));

  rig.api().ClearFaults();
  ASSERT_TRUE(rig.AwaitValue(Success("servers"), "1"));
  ASSERT_TRUE(rig.AwaitValue(kUp, "1"));
  EXPECT_EQ(DataLines(rig.Page()), before);
  EXPECT_THAT(rig.LogText(), HasSubstr("collector recovered"));
  for (const char* secret : {"SIM-SECRET", "SIM-LOGIN"})
    EXPECT_THAT(rig.EverythingSaid(), Not(HasSubstr(secret)));
  EXPECT_THAT(rig.EverythingSaid(), Not(HasSubstr(rig.api().api_key())));
}

INSTANTIATE_TEST_SUITE_P(
    EveryFault, BadReadTest,
    ::testing::Values(
        BadRead{
            "Status401", {.kind = FaultKind::kStatus, .status = 401}, "auth"},
        BadRead{"Status403Text",
                {.kind = FaultKind::kStatus, .status = 403, .envelope = "text"},
                "auth"},
        BadRead{
            "Status404", {.kind = FaultKind::kStatus, .status = 404}, "other"},
        BadRead{
            "Status400Params",
            {.kind = FaultKind::kStatus, .status = 400, .envelope = "params"},
            "other"},
        BadRead{"Status408",
                {.kind = FaultKind::kStatus, .status = 408},
                "timeout"},
        BadRead{"Status429",
                {.kind = FaultKind::kStatus, .status = 429},
                "rate_limited"},
        BadRead{"Status500Html",
                {.kind = FaultKind::kStatus, .status = 500, .envelope = "html"},
                "server_error"},
        BadRead{
            "Status502Empty",
            {.kind = FaultKind::kStatus, .status = 502, .envelope = "empty"},
            "server_error"},
        BadRead{"Status503",
                {.kind = FaultKind::kStatus, .status = 503},
                "server_error"},
        BadRead{"Status504",
                {.kind = FaultKind::kStatus, .status = 504},
                "server_error"},
        BadRead{
            "Redirect", {.kind = FaultKind::kRedirect, .status = 302}, "other"},
        BadRead{"Html",
                {.kind = FaultKind::kContent, .content = "html"},
                "bad_response"},
        BadRead{"EmptyBody",
                {.kind = FaultKind::kContent, .content = "empty"},
                "bad_response"},
        BadRead{"EmptyObject",
                {.kind = FaultKind::kContent, .content = "empty_object"},
                "bad_response"},
        BadRead{"MissingWrapper",
                {.kind = FaultKind::kContent, .content = "missing_wrapper"},
                "bad_response"},
        BadRead{"NotJson",
                {.kind = FaultKind::kRaw, .body = R"({"servers": [nope)"},
                "bad_response"},
        BadRead{"CutByLength", {.kind = FaultKind::kCutLength}, "network"},
        BadRead{"CutChunked", {.kind = FaultKind::kCutChunked}, "network"},
        BadRead{"Reset", {.kind = FaultKind::kReset}, "network"},
        BadRead{"ResetInTheBody", {.kind = FaultKind::kResetBody}, "network"},
        BadRead{
            "HangBeforeTheHead", {.kind = FaultKind::kHangHeaders}, "timeout"},
        BadRead{"HangInTheBody", {.kind = FaultKind::kHangBody}, "timeout"},
        BadRead{"Drip",
                {.kind = FaultKind::kDrip, .bytes_per_second = 50},
                "timeout"}),
    [](const auto& read) { return read.param.name; });

TEST(BehaviourTest, DataOlderThanTheLimitGoesAndWhatNeverGoesStaleStays) {
  Rig rig({.interval = 100ms,
           .stale_after = 700ms,
           .thresholds = {{.severity = "warning",
                           .currency = "",
                           .amount = *Money::Parse("50")}}});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "3"));
  SetBalanceAndAwait(rig, "100");
  SetBalanceAndAwait(rig, "90.5");
  rig.api().AddFault({.kind = FaultKind::kStatus, .status = 500});
  ASSERT_TRUE(rig.AwaitGone(kBalance));
  ASSERT_TRUE(rig.AwaitGone(kServers));
  EXPECT_EQ(DataLines(rig.Page()), "");
  EXPECT_EQ(rig.Value(kUp), "0");
  EXPECT_EQ(
      rig.Value(
          R"(project_balance_threshold{project="project-0",severity="warning"})"),
      "50");
  EXPECT_NE(
      rig.Value(R"(project_spend_total{project="project-0",currency="USD"})"),
      std::nullopt);
  EXPECT_EQ(rig.Value(Success("servers")), "0");
  EXPECT_NE(rig.Value(LastSuccess("servers")), std::nullopt);
  EXPECT_EQ(
      rig.Value(R"(collector_series{project="project-0",collector="servers"})"),
      "0");

  rig.api().ClearFaults();
  EXPECT_TRUE(rig.AwaitValue(kBalance, "90.5"));
  EXPECT_TRUE(rig.AwaitValue(kServers, "3"));
}

TEST(BehaviourTest, MoneyIsPrintedAsTheShortestDecimalThatRoundTrips) {
  Rig rig;
  rig.Start();
  for (const char* amount :
       {"1229549.07", "-0.01", "0", "12", "0.000001", "-9999999.999999"}) {
    SetBalanceAndAwait(rig, amount);
  }
}

TEST(BehaviourTest, TopupsMinusSpendIsBalanceMinusFirstBalance) {
  Rig rig;
  rig.Start();
  SetBalanceAndAwait(rig, "100");
  const auto total = [&](const char* name) {
    return Money::Parse(
        rig.Value(std::string(name) + R"({project="project-0",currency="USD"})")
            .value_or("x"));
  };
  ASSERT_TRUE(
      Rig::Await([&] { return total("project_spend_total").has_value(); }));
  const Money spend = *total("project_spend_total");
  const Money topup = *total("project_topup_total");
  for (const char* amount :
       {"99.9", "99.89", "199.89", "-3.000001", "-3", "0.3"})
    SetBalanceAndAwait(rig, amount);
  // 0.1 + 0.01 + 202.890001 and 100 + 0.000001 + 3.3
  EXPECT_EQ(Subtract(*total("project_spend_total"), spend),
            Money::Parse("203.000001"));
  EXPECT_EQ(Subtract(*total("project_topup_total"), topup),
            Money::Parse("103.300001"));
}

TEST(BehaviourTest, NoDifferenceIsTakenAcrossAChangeOfProjectOrCurrency) {
  Rig rig;
  rig.Start();
  SetBalanceAndAwait(rig, "100");
  const std::string spend =
      R"(project_spend_total{project="project-0",currency="USD"})";
  ASSERT_TRUE(Rig::Await([&] { return rig.Value(spend).has_value(); }));
  const auto before = rig.Value(spend);
  rig.api().Edit(0, [](sim::World& world, sim::Project& project) {
    project.id = 4242;
    world.SetBalance(project, *Money::Parse("5"));
    world.Changed(project);
  });
  ASSERT_TRUE(rig.AwaitValue(kBalance, "5"));
  EXPECT_EQ(rig.Value(spend), before);
  rig.api().Edit(0, [](sim::World& world, sim::Project& project) {
    project.currency = "EUR";
    world.SetBalance(project, *Money::Parse("1"));
    world.Changed(project);
  });
  ASSERT_TRUE(rig.AwaitValue(
      R"(project_balance{project="project-0",currency="EUR"})", "1"));
  ASSERT_TRUE(rig.AwaitValue(
      R"(project_spend_total{project="project-0",currency="EUR"})", "0"));
  EXPECT_EQ(rig.Value(spend), std::nullopt);
  EXPECT_THAT(rig.LogText(), HasSubstr("new baseline"));
}

TEST(BehaviourTest, IdentityLabelsAreIdsSoEqualNamesDoNotCollide) {
  Rig rig;
  rig.Start();
  rig.api().Edit(0, [](sim::World& world, sim::Project& project) {
    for (auto& [id, server] : project.servers)
      server.name = "same \"name\"\n\\ \xff";
    world.Changed(project);
  });
  ASSERT_TRUE(Rig::Await([&] {
    return rig.Page().find(R"(name="same \"name\"\n\\)") != std::string::npos;
  }));
  EXPECT_EQ(rig.Value(kServers), "3");
  EXPECT_EQ(
      rig.Value(
          R"(collector_dropped_series_total{project="project-0",collector="servers",reason="duplicate"})"),
      "0");
}

TEST(BehaviourTest, AServerThatIsListedTwiceIsServedOnceAndCounted) {
  Rig rig;
  rig.api().AddFault(
      {.kind = FaultKind::kRaw,
       .route = "/servers",
       .body =
           R"({"servers":[{"id":"l1s1","name":"a","state":"Active"},{"id":"l1s1","state":"Active"}]})"});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(
      R"(server_state{project="project-0",server_id="l1s1",state="active"})",
      "1"));
  EXPECT_EQ(rig.Value(kServers), "1");
  EXPECT_TRUE(Rig::Await([&] {
    return rig.Number(R"(api_bad_items_total{field="servers.id"})") >= 1;
  }));
}

TEST(BehaviourTest, ReservedLabelsAreNeverUsed) {
  Rig rig;
  rig.Start();
  ASSERT_TRUE(rig.AwaitNextRuns());
  const std::string page = rig.Page();
  for (const char* label : {"job", "instance", "namespace", "pod", "container",
                            "service", "endpoint", "node", "cluster"}) {
    const std::regex used(std::string("[{,]") + label + "=\"");
    EXPECT_FALSE(std::regex_search(page, used)) << label;
  }
}

TEST(BehaviourTest,
     AStateIsOneSeriesPerKnownStateAndAnUnknownOneIsExportedAndCounted) {
  Rig rig;
  rig.Start();
  std::string id;
  rig.api().Edit(0, [&](sim::World& world, sim::Project& project) {
    auto& server = project.servers.begin()->second;
    id = server.id;
    server.state = "Frozen";
    world.Changed(project);
  });
  const auto state = [&](const std::string& name) {
    return rig.Value("server_state{project=\"project-0\",server_id=\"" + id +
                     "\",state=\"" + name + "\"}");
  };
  ASSERT_TRUE(Rig::Await([&] { return state("frozen") == "1"; }));
  for (const char* known : {"new", "active", "busy", "blocked"})
    EXPECT_EQ(state(known), "0");
  EXPECT_TRUE(Rig::Await([&] {
    return rig.Number(R"(api_unknown_values_total{field="servers.state"})") >=
           1;
  }));
}

TEST(BehaviourTest, AtMostEightUnknownValuesPerFieldBecomeLabels) {
  Rig rig({.api = {.servers_per_project = 30}});
  rig.api().Edit(0, [&](sim::World& world, sim::Project& project) {
    int n = 0;
    for (auto& [id, server] : project.servers)
      server.state = "odd" + std::to_string(n++) + std::string(200, 'x');
    world.Changed(project);
  });
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "30"));
  std::set<std::string> states;
  const std::string page = rig.Page();
  const std::regex pattern(
      "serverspace_server_state\\{[^}]*state=\"([^\"]*)\"");
  for (std::sregex_iterator match(page.begin(), page.end(), pattern), end;
       match != end; ++match) {
    states.insert((*match)[1]);
    EXPECT_LE((*match)[1].length(), 64);
  }
  EXPECT_EQ(states.size(), 4U + 8U + 1U) << "known, unknown, other";
}

TEST(BehaviourTest, OperationsInProgressAreToldByStateAndSinceWhen) {
  Rig rig;
  rig.Start();
  const std::string count =
      R"(operations_in_progress{project="project-0",resource="server"})";
  const std::string oldest =
      R"(operations_oldest_start_timestamp_seconds{project="project-0",resource="server"})";
  ASSERT_TRUE(rig.AwaitValue(count, "0"));
  EXPECT_EQ(rig.Value(oldest), std::nullopt);
  const auto set_state = [&](const char* state) {
    rig.api().Edit(0, [&](sim::World& world, sim::Project& project) {
      project.servers.begin()->second.state = state;
      world.Changed(project);
    });
  };
  set_state("New");
  ASSERT_TRUE(rig.AwaitValue(count, "1"));
  const auto since = rig.Value(oldest);
  ASSERT_NE(since, std::nullopt);
  set_state("Busy");
  ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_EQ(rig.Value(oldest), since)
      << "a new server that turns busy is the same operation";
  set_state("Active");
  EXPECT_TRUE(rig.AwaitValue(count, "0"));
  EXPECT_TRUE(rig.AwaitGone(oldest));
}

TEST(BehaviourTest, AProjectWhoseApiHangsDoesNotDelayTheOthers) {
  Rig rig({.api = {.projects = 6}, .interval = 300ms, .attempt_timeout = 5s});
  rig.api().AddFault({.kind = FaultKind::kHangHeaders, .project = "project-0"});
  rig.Start();
  for (int i = 1; i < 6; ++i)
    ASSERT_TRUE(
        rig.AwaitNextRuns(sim::ProjectName(static_cast<std::size_t>(i))));
  EXPECT_TRUE(rig.AwaitValue(Success("servers"), "0"));
  EXPECT_GE(rig.Number(Errors("servers", "timeout")), 1);
  for (int i = 1; i < 6; ++i)
    EXPECT_EQ(rig.Value(Success("servers", "project-" + std::to_string(i))),
              "1");
}

TEST(BehaviourTest, EachCollectorHasItsOwnInterval) {
  // Long enough for the project to be at rest in between: otherwise what is
  // wanted more often would come first for minutes.
  Rig rig({.interval = 500ms, .everything = true, .long_interval = 1h});
  rig.Start();
  for (int round = 0; round < 4; ++round) ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_GE(rig.Requests("/servers"), 5U);
  EXPECT_EQ(rig.Requests("/domains"), 1U);
}

TEST(BehaviourTest, AProjectThatIsThrottledDoesNotDelayTheOthers) {
  Rig rig({.api = {.projects = 3}, .interval = 200ms});
  rig.api().AddFault({.kind = FaultKind::kStatus,
                      .project = "project-0",
                      .status = 429,
                      .retry_after_seconds = 600});
  rig.Start();
  ASSERT_TRUE(Rig::Await(
      [&] { return rig.Number(Errors("servers", "rate_limited")) >= 3; }));
  for (const char* project : {"project-1", "project-2"}) {
    ASSERT_TRUE(rig.AwaitNextRuns(project));
    EXPECT_EQ(rig.Value(Success("servers", project)), "1");
  }
  // One request of each collector; then the whole project keeps quiet.
  EXPECT_LE(rig.api().requests().Count({.project = "project-0"}), 2U);
}

TEST(BehaviourTest, AProductThatIsNotThereIsUnsupportedAndNoError) {
  Rig rig({.everything = true});
  rig.api().AddFault(
      {.kind = FaultKind::kStatus, .route = "/vmware/*", .status = 404});
  rig.api().AddFault(
      {.kind = FaultKind::kStatus, .route = "/k8s_clusters", .status = 403});
  rig.Start();
  for (const std::string collector : {"vmware", "kubernetes"}) {
    const std::string labels =
        R"({project="project-0",collector=")" + collector + "\"}";
    ASSERT_TRUE(rig.AwaitValue("collector_supported" + labels, "0"));
    EXPECT_EQ(rig.Value("collector_success" + labels), "1");
    EXPECT_EQ(rig.Value("collector_series" + labels), "0");
    EXPECT_EQ(rig.Value(Errors(collector, "auth")), std::nullopt);
  }
  EXPECT_EQ(
      rig.Value(
          R"(collector_supported{project="project-0",collector="gateways"})"),
      "1");
}

TEST(BehaviourTest, APartThatIsRefusedIsAFailureAndNoMissingProduct) {
  Rig rig({.everything = true});
  rig.Start();
  const std::string labels = R"({project="project-0",collector="vmware"})";
  ASSERT_TRUE(rig.AwaitValue("collector_success" + labels, "1"));
  const auto series = rig.Value("collector_series" + labels);
  for (const int status : {403, 404}) {
    rig.api().AddFault({.kind = FaultKind::kStatus,
                        .route = "/vmware/networks",
                        .status = status});
    ASSERT_TRUE(rig.AwaitValue("collector_success" + labels, "0"));
    EXPECT_EQ(rig.Value("collector_supported" + labels), "1");
    EXPECT_EQ(rig.Value("collector_series" + labels), series);
    rig.api().ClearFaults();
    ASSERT_TRUE(rig.AwaitValue("collector_success" + labels, "1"));
  }
}

TEST(BehaviourTest, AtMostTwoRequestsInFlightPerProjectAndSixteenPerHost) {
  Rig rig({.api = {.projects = 40}, .interval = 2s, .attempt_timeout = 5s});
  rig.api().AddFault({.kind = FaultKind::kLatency, .latency_ms = 60});
  rig.Start();
  ASSERT_TRUE(Rig::Await([&] { return rig.exporter().IsReady(); }));
  EXPECT_LE(rig.api().requests().total().max, 16U);
  EXPECT_GE(rig.api().requests().total().max, 8U) << "and the slots are used";
  for (const auto& [project, in_flight] : rig.api().requests().by_project())
    EXPECT_LE(in_flight.max, 2U) << project;
}

TEST(BehaviourTest, TheCircuitOpensOnlyWhenTheHostCannotBeReached) {
  Rig rig({.interval = 100ms});
  rig.Start();
  const std::string circuit =
      "api_circuit_open{host=\"localhost:" + std::to_string(rig.api().port()) +
      "\"}";
  ASSERT_TRUE(rig.AwaitValue(circuit, "0"));
  rig.api().AddFault({.kind = FaultKind::kStatus, .status = 500});
  ASSERT_TRUE(rig.AwaitValue(Success("servers"), "0"));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_EQ(rig.Value(circuit), "0");
  rig.api().ClearFaults();
  rig.api().AddFault({.kind = FaultKind::kResetHandshake});
  rig.api().CloseIdleConnections();
  ASSERT_TRUE(rig.AwaitValue(circuit, "1"));
  rig.api().ClearFaults();
  ASSERT_TRUE(rig.AwaitValue(circuit, "0"));
  EXPECT_TRUE(rig.AwaitValue(Success("servers"), "1"));
}

TEST(BehaviourTest, TheClientIssuesGetOnly) {
  Rig rig;
  rig.Start();
  ASSERT_TRUE(rig.AwaitNextRuns());
  for (const auto& row : rig.api().requests().Rows())
    EXPECT_EQ(row.method, "GET");
}

TEST(BehaviourTest, TheClientVerifiesTls) {
  Rig rig({.trust_api = false});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kUp, "0"));
  EXPECT_GE(rig.Number(Errors("project", "tls")), 1);
  EXPECT_EQ(rig.Value(kBalance), std::nullopt);
  EXPECT_EQ(rig.Requests(), 0U)
      << "no request was sent to a host that did not prove itself";
}

TEST(BehaviourTest, TheClientFollowsNoRedirect) {
  Rig rig;
  rig.api().AddFault({.kind = FaultKind::kRedirect, .status = 307});
  rig.Start();
  ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_EQ(rig.api().requests().redirect_requests(), 0U);
}

TEST(BehaviourTest,
     ReadyOnceEveryProjectWasAttemptedEvenInVainAndNeverUnreadyAgain) {
  Rig rig({.api = {.projects = 3}, .attempt_timeout = 300ms});
  rig.api().AddFault({.kind = FaultKind::kStatus, .status = 500});
  rig.Start();
  ASSERT_TRUE(Rig::Await([&] { return rig.exporter().IsReady(); }));
  EXPECT_EQ(rig.Value(kUp), "0");
  ASSERT_TRUE(rig.AwaitNextRuns());
  EXPECT_TRUE(rig.exporter().IsReady());
}

TEST(BehaviourTest, AnArrayIsTheListAndANullWrapperIsEmpty) {
  Rig rig;
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "3"));
  rig.api().AddFault({.kind = FaultKind::kContent,
                      .route = "/servers",
                      .content = "null_wrapper"});
  ASSERT_TRUE(rig.AwaitValue(kServers, "0"));
  rig.api().ClearFaults();
  ASSERT_TRUE(rig.AwaitValue(kServers, "3"));
  rig.api().AddFault({.kind = FaultKind::kContent,
                      .route = "/servers",
                      .content = "empty_list"});
  EXPECT_TRUE(rig.AwaitValue(kServers, "0"));
}

TEST(BehaviourTest, OneOddItemIsDroppedAndCountedAndTheRestStays) {
  Rig rig;
  rig.api().AddFault(
      {.kind = FaultKind::kRaw,
       .route = "/servers",
       .body =
           R"({"servers":[{"id":"l1s1","cpu":"many"},{"name":"no id"},7,{"id":"l1s2","cpu":2}]})"});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kServers, "2"));
  EXPECT_EQ(
      rig.Value(R"(server_cpu_cores{project="project-0",server_id="l1s2"})"),
      "2");
  EXPECT_EQ(
      rig.Value(R"(server_cpu_cores{project="project-0",server_id="l1s1"})"),
      std::nullopt);
  EXPECT_TRUE(Rig::Await([&] {
    return rig.Number(R"(api_bad_items_total{field="servers.cpu"})") >= 1;
  }));
}

TEST(BehaviourTest, RetryAfterIsHonoured) {
  Rig rig({.interval = 3s, .attempt_timeout = 2s});
  rig.api().AddFault({.kind = FaultKind::kStatus,
                      .route = "/project",
                      .count = 1,
                      .status = 429,
                      .retry_after_seconds = 1});
  rig.Start();
  ASSERT_TRUE(rig.AwaitValue(kUp, "1"));
  std::vector<MonoTime> times;
  for (const auto& arrival : rig.api().requests().Arrivals()) {
    if (arrival.route == "/project") times.push_back(arrival.time);
  }
  ASSERT_GE(times.size(), 2U);
  EXPECT_GE(times[1] - times[0], 1s);
  EXPECT_EQ(rig.Number("api_request_retries_total") >= 1, true);
}

}  // namespace
}  // namespace serverspace
