#include "exporter/collector_runner.h"

#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/fake_project_client.h"
#include "exporter/fake_collector.h"
#include "exporter/fake_state_store.h"
#include "exporter/page_text.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;
using collectors::Presence;

constexpr metrics::Desc kNetwork = {"serverspace_network_info",
                                    metrics::Type::kInfo,
                                    "A network.",
                                    {"network_id"}};
constexpr metrics::Desc kNetworks = {
    "serverspace_networks", metrics::Type::kGauge, "Networks.", {}};

constexpr std::size_t kOptional = 0;
constexpr std::size_t kProject = 1;
constexpr std::size_t kServers = 2;

/// One project with an optional collector, `networks`, and the core.
class CollectorRunnerTest : public testing::Test {
 protected:
  CollectorRunnerTest() {
    Add("networks", Presence::kOn, 300s, 900s);
    Add("project", Presence::kCore, 60s, 600s);
    Add("servers", Presence::kCore, 60s, 600s);
    project_ = std::make_unique<Project>(
        ProjectFacts{.name = "prod", .thresholds = {}, .api_key_expires = {}},
        collectors_, store_, clock_, log_);
    project_->Connect(std::make_unique<collectors::FakeProjectClient>(),
                      nullptr);
  }

  void Add(std::string name, Presence presence, Duration interval,
           Duration stale_after) {
    collectors_.push_back(
        {.name = std::move(name),
         .collector = std::make_unique<FakeCollector>(action_),
         .presence = presence,
         .interval = interval,
         .stale_after = stale_after});
  }

  std::optional<Duration> Run(std::size_t index) {
    return runner_.Run(*project_, index, std::stop_token());
  }
  std::optional<Duration> Succeed(std::size_t index,
                                  std::vector<std::string> networks = {}) {
    action_ = [&](const collectors::Run&, metrics::SampleSet& out) {
      for (const std::string& id : networks) out.Add(kNetwork, {id}, 1);
      out.Add(kNetworks, {}, networks.size());
      return Result<void>();
    };
    return Run(index);
  }
  std::optional<Duration> ReadProject(const std::string& id) {
    action_ = [id](const collectors::Run& run, metrics::SampleSet&) {
      run.inventory.SetProject(id, "active");
      return Result<void>();
    };
    return Run(kProject);
  }
  std::optional<Duration> Fail(std::size_t index, ErrorCode code,
                               std::string message = "GET /networks: no") {
    action_ = [&](const collectors::Run&, metrics::SampleSet& out) {
      out.Add(kNetwork, {"partial"}, 1);
      return Result<void>(Error{code, message});
    };
    return Run(index);
  }

  std::string Page() {
    pages_.Rebuild();
    return PageText(*pages_.Current());
  }
  /// The value of `serverspace_collector_<name>{...}` of a collector.
  std::string Self(std::string_view name, std::string_view collector,
                   std::string_view more = "") {
    const std::string series = "serverspace_collector_" + std::string(name) +
                               "{project=\"prod\",collector=\"" +
                               std::string(collector) + "\"" +
                               std::string(more) + "} ";
    const std::string line = LinesOf(Page(), series);
    return line.empty()
               ? "absent"
               : line.substr(series.size(), line.size() - series.size() - 1);
  }
  std::string Errors(std::string_view collector, std::string_view reason) {
    return Self("errors_total", collector,
                ",reason=\"" + std::string(reason) + "\"");
  }
  std::string Data() { return LinesOf(Page(), "serverspace_network"); }

  FakeClock clock_;
  RecordingLog log_;
  FakeStateStore store_;
  metrics::PageStore pages_;
  FakeCollector::Action action_;
  std::vector<ActiveCollector> collectors_;
  std::unique_ptr<Project> project_;
  CollectorRunner runner_{collectors_, {}, pages_, clock_, log_};
};

TEST_F(CollectorRunnerTest, PublishesWhatARunFound) {
  EXPECT_EQ(Succeed(kOptional, {"n1"}), 300s);
  EXPECT_EQ(Data(),
            "serverspace_network_info{project=\"prod\",network_id=\"n1\"} 1\n"
            "serverspace_networks{project=\"prod\"} 1\n");
  EXPECT_EQ(Self("success", "networks"), "1");
  EXPECT_EQ(Self("supported", "networks"), "1");
  EXPECT_EQ(Self("series", "networks"), "2");
}

TEST_F(CollectorRunnerTest, TakesAwayWhatWasReadOfAnotherProject) {
  ReadProject("p1");
  Succeed(kOptional, {"n1"});
  ReadProject("p1");
  EXPECT_NE(Data(), "");
  EXPECT_TRUE(log_.Lines("warn").empty());
  EXPECT_EQ(ReadProject("p2"), 60s);
  EXPECT_EQ(log_.Lines("warn the key opens another project").size(), 1U);
  EXPECT_EQ(Data(), "");
  EXPECT_EQ(Self("series", "networks"), "0");
  Succeed(kOptional, {"n2"});
  ReadProject("p2");
  EXPECT_EQ(LinesOf(Page(), "serverspace_network_info"),
            "serverspace_network_info{project=\"prod\",network_id=\"n2\"} 1\n");
}

TEST_F(CollectorRunnerTest, ReadsAgainWhatBeganBeforeTheProjectWasAnother) {
  ReadProject("p1");
  action_ = [&](const collectors::Run& run, metrics::SampleSet& out) {
    // Meanwhile.
    run.inventory.SetProject("p2", "active");
    run.inventory.Replace({{.id = "s1"}});
    out.Add(kNetwork, {"n1"}, 1);
    return Result<void>();
  };
  EXPECT_EQ(Run(kServers), Duration::zero());
  EXPECT_EQ(Data(), "");
  EXPECT_EQ(Self("success", "servers"), "absent");
  EXPECT_EQ(project_->inventory().servers(), nullptr);
}

TEST_F(CollectorRunnerTest, WarnsOfACurrencyWithoutThresholds) {
  project_->Configure({.name = "prod",
                       .thresholds = {{"warning", "USD", Money()}},
                       .api_key_expires = {}},
                      collectors_);
  project_->ledger().Observe("p1", "EUR", Money());
  Succeed(kProject);
  Succeed(kProject);
  EXPECT_EQ(log_.Lines("warn no balance threshold").size(), 1U);
}

TEST_F(CollectorRunnerTest, PublishesTotalsOnceTheyAreKept) {
  project_->ledger().Observe("p1", "USD", Money::FromMicros(5'000'000));
  store_.Hold();
  project_->ledger().Observe("p1", "USD", Money::FromMicros(3'000'000));
  Succeed(kProject);
  EXPECT_EQ(LinesOf(Page(), "serverspace_project_spend_total"),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"USD\"} 0\n");
  store_.Keep(1);
  // Without waiting for the next run.
  runner_.Sweep(*project_);
  EXPECT_EQ(LinesOf(Page(), "serverspace_project_spend_total"),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"USD\"} 2\n");
  EXPECT_FALSE(project_->HasNewTotals());
}

TEST_F(CollectorRunnerTest, ReplacesAllOfTheRunBefore) {
  Succeed(kOptional, {"n1", "n2"});
  Succeed(kOptional, {"n3"});
  EXPECT_EQ(Data(),
            "serverspace_network_info{project=\"prod\",network_id=\"n3\"} 1\n"
            "serverspace_networks{project=\"prod\"} 1\n");
}

TEST_F(CollectorRunnerTest, KeepsTheLastGoodDataOnAnError) {
  Succeed(kOptional, {"n1"});
  const std::string before = Data();
  clock_.Advance(300s);
  EXPECT_EQ(Fail(kOptional, ErrorCode::kTimeout), 60s);
  EXPECT_EQ(Data(), before);
  EXPECT_EQ(Self("success", "networks"), "0");
  EXPECT_EQ(Self("series", "networks"), "2");
  EXPECT_EQ(Self("last_success_timestamp_seconds", "networks"), "1700000000");
  EXPECT_EQ(Self("last_attempt_timestamp_seconds", "networks"), "1700000300");
}

TEST_F(CollectorRunnerTest, PublishesNothingOfAFailedRun) {
  Fail(kOptional, ErrorCode::kBadResponse);
  EXPECT_EQ(Data(), "");
}

TEST_F(CollectorRunnerTest, IsNoSuccessAfterAFirstFailure) {
  Fail(kServers, ErrorCode::kNetwork);
  EXPECT_EQ(Self("success", "servers"), "0");
  EXPECT_EQ(Self("supported", "servers"), "1");
  EXPECT_EQ(Self("last_success_timestamp_seconds", "servers"), "absent");
}

TEST_F(CollectorRunnerTest, ShowsEveryReasonBeforeTheFirstRun) {
  runner_.PublishSelf(*project_);
  for (int code = 0; code < kReasonCount; ++code) {
    for (const std::string_view collector : {"networks", "project", "servers"})
      EXPECT_EQ(Errors(collector, ReasonName(static_cast<ErrorCode>(code))),
                "0");
  }
  EXPECT_EQ(Self("success", "servers"), "absent");
}

struct ReasonCase {
  ErrorCode code;
  std::string reason;
};

class CollectorRunnerReasonTest
    : public CollectorRunnerTest,
      public testing::WithParamInterface<ReasonCase> {};

TEST_P(CollectorRunnerReasonTest, CountsTheReason) {
  Fail(kServers, GetParam().code);
  Fail(kServers, GetParam().code);
  for (int code = 0; code < kReasonCount; ++code) {
    const std::string reason(ReasonName(static_cast<ErrorCode>(code)));
    EXPECT_EQ(Errors("servers", reason),
              reason == GetParam().reason ? "2" : "0")
        << reason;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Codes, CollectorRunnerReasonTest,
    testing::Values(ReasonCase{ErrorCode::kAuth, "auth"},
                    ReasonCase{ErrorCode::kRateLimited, "rate_limited"},
                    ReasonCase{ErrorCode::kTimeout, "timeout"},
                    ReasonCase{ErrorCode::kNetwork, "network"},
                    ReasonCase{ErrorCode::kTls, "tls"},
                    ReasonCase{ErrorCode::kServerError, "server_error"},
                    ReasonCase{ErrorCode::kBadResponse, "bad_response"},
                    ReasonCase{ErrorCode::kOther, "other"},
                    ReasonCase{ErrorCode::kNotFound, "other"},
                    ReasonCase{ErrorCode::kInvalidInput, "other"}));

TEST_F(CollectorRunnerTest, TellsHowLongTheRunTook) {
  action_ = [&](const collectors::Run&, metrics::SampleSet&) {
    clock_.Advance(1500ms);
    return Result<void>();
  };
  Run(kServers);
  EXPECT_EQ(Self("duration_seconds", "servers"), "1.5");
  EXPECT_EQ(Self("last_attempt_timestamp_seconds", "servers"), "1700000001.5");
}

TEST_F(CollectorRunnerTest, GivesTheRunFourFifthsOfItsInterval) {
  std::stop_source stop;
  std::optional<api::Call> call;
  bool address_labels = false;
  action_ = [&](const collectors::Run& run, metrics::SampleSet&) {
    call = run.call;
    address_labels = run.address_labels;
    return Result<void>();
  };
  runner_.Run(*project_, kServers, stop.get_token());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->deadline, clock_.Mono() + 48s);
  EXPECT_EQ(call->stop, stop.get_token());
  EXPECT_TRUE(address_labels);
}

TEST_F(CollectorRunnerTest, HandsOnThatAddressesAreNotWanted) {
  CollectorRunner runner(collectors_, {.address_labels = false}, pages_, clock_,
                         log_);
  bool address_labels = true;
  action_ = [&](const collectors::Run& run, metrics::SampleSet&) {
    address_labels = run.address_labels;
    return Result<void>();
  };
  runner.Run(*project_, kServers, std::stop_token());
  EXPECT_FALSE(address_labels);
}

TEST_F(CollectorRunnerTest, DropsDataWhoseLastSuccessIsTooLongAgo) {
  Succeed(kServers, {"n1"});
  const std::string data = Data();
  clock_.Advance(300s);
  Fail(kServers, ErrorCode::kTimeout);
  clock_.Advance(300s);
  runner_.Sweep(*project_);
  EXPECT_EQ(Data(), data);
  clock_.Advance(1ns);
  runner_.Sweep(*project_);
  EXPECT_EQ(Data(), "");
  EXPECT_EQ(Self("series", "servers"), "0");
  EXPECT_EQ(Self("success", "servers"), "0");
  EXPECT_EQ(Self("last_success_timestamp_seconds", "servers"), "1700000000");
  EXPECT_EQ(log_.Lines("warn the last good data"),
            (std::vector<std::string>{
                "warn the last good data is too old and is served no more "
                "project=prod collector=servers"}));
  runner_.Sweep(*project_);
  EXPECT_EQ(log_.Lines("warn the last good data").size(), 1U);
}

TEST_F(CollectorRunnerTest, DropsNoDataOfACollectorWithMoreTime) {
  Succeed(kOptional, {"n1"});
  clock_.Advance(900s);
  runner_.Sweep(*project_);
  EXPECT_NE(Data(), "");
}

TEST_F(CollectorRunnerTest, ServesDataAgainAfterItWasStale) {
  Succeed(kServers, {"n1"});
  const std::string data = Data();
  clock_.Advance(601s);
  runner_.Sweep(*project_);
  Succeed(kServers, {"n1"});
  runner_.Sweep(*project_);
  EXPECT_EQ(Data(), data);
}

TEST_F(CollectorRunnerTest, ReckonsAgeWithoutTheCalendar) {
  Succeed(kServers, {"n1"});
  clock_.JumpWall(24h);
  runner_.Sweep(*project_);
  EXPECT_NE(Data(), "");
  clock_.JumpWall(-48h);
  clock_.Advance(601s);
  runner_.Sweep(*project_);
  EXPECT_EQ(Data(), "");
}

TEST_F(CollectorRunnerTest, KeepsLastingSeriesWhenDataGoesStale) {
  action_ = [](const collectors::Run& run, metrics::SampleSet&) {
    run.ledger.Observe("p1", "USD", Money::FromMicros(1'000'000));
    return Result<void>();
  };
  Run(kProject);
  clock_.Advance(24h);
  Fail(kProject, ErrorCode::kTimeout);
  runner_.Sweep(*project_);
  const std::string page = Page();
  EXPECT_EQ(LinesOf(page, "serverspace_up"),
            "serverspace_up{project=\"prod\"} 0\n");
  EXPECT_EQ(LinesOf(page, "serverspace_project_spend_total"),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"USD\"} 0\n");
}

TEST_F(CollectorRunnerTest, PutsUpOnThePageWithTheRunThatSaysSo) {
  Succeed(kProject);
  EXPECT_EQ(LinesOf(Page(), "serverspace_up"),
            "serverspace_up{project=\"prod\"} 1\n");
  Fail(kProject, ErrorCode::kAuth);
  EXPECT_EQ(LinesOf(Page(), "serverspace_up"),
            "serverspace_up{project=\"prod\"} 0\n");
}

class CollectorRunnerUnsupportedTest : public CollectorRunnerTest {
 protected:
  /// Whether the failure of `index` is taken for a missing product.
  bool IsTakenForMissing(std::size_t index, ErrorCode code) {
    const auto next = Fail(index, code);
    const std::string collector = collectors_[index].name;
    const bool missing = Self("supported", collector) == "0";
    EXPECT_EQ(next == Duration(1h), missing);
    EXPECT_EQ(Self("success", collector), missing ? "1" : "0");
    EXPECT_EQ(Errors(collector, "auth") == "absent", missing);
    return missing;
  }
};

TEST_F(CollectorRunnerUnsupportedTest, TakesRefusalsOfOptionalProductsForIt) {
  Succeed(kProject);
  EXPECT_TRUE(IsTakenForMissing(kOptional, ErrorCode::kNotFound));
  EXPECT_TRUE(IsTakenForMissing(kOptional, ErrorCode::kForbidden));
}

TEST_F(CollectorRunnerUnsupportedTest, LearnsNothingFromTheKeyBefore) {
  Succeed(kProject);
  clock_.Advance(1s);
  project_->Connect(
      std::make_unique<collectors::FakeProjectClient>(),
      std::make_shared<ProjectKey>("prod", config::KeySource(), clock_, log_));
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kForbidden));
  Succeed(kProject);
  EXPECT_TRUE(IsTakenForMissing(kOptional, ErrorCode::kForbidden));
}

TEST_F(CollectorRunnerUnsupportedTest, TakesARefusedKeyForARefusedKey) {
  Succeed(kProject);
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kAuth));
  EXPECT_EQ(Errors("networks", "auth"), "1");
}

TEST_F(CollectorRunnerUnsupportedTest, TakesNoOtherFailureForIt) {
  Succeed(kProject);
  for (const ErrorCode code : {ErrorCode::kTimeout, ErrorCode::kServerError,
                               ErrorCode::kBadResponse, ErrorCode::kOther})
    EXPECT_FALSE(IsTakenForMissing(kOptional, code));
}

TEST_F(CollectorRunnerUnsupportedTest, TakesNoFailureOfTheCoreForIt) {
  Succeed(kProject);
  for (const std::size_t core : {kServers, kProject}) {
    EXPECT_FALSE(IsTakenForMissing(core, ErrorCode::kNotFound));
    EXPECT_FALSE(IsTakenForMissing(core, ErrorCode::kForbidden));
  }
  EXPECT_EQ(Errors("servers", "auth"), "1");
  EXPECT_EQ(Errors("servers", "other"), "1");
}

TEST_F(CollectorRunnerUnsupportedTest,
       DoesNotBelieveItBeforeTheProjectWasRead) {
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kForbidden));
  EXPECT_EQ(Errors("networks", "auth"), "1");
}

TEST_F(CollectorRunnerUnsupportedTest, BelievesItForTwoIntervalsOfTheProject) {
  Succeed(kProject);
  clock_.Advance(120s);
  EXPECT_TRUE(IsTakenForMissing(kOptional, ErrorCode::kNotFound));
}

TEST_F(CollectorRunnerUnsupportedTest, DoesNotBelieveItLater) {
  Succeed(kProject);
  clock_.Advance(120s + 1ns);
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kNotFound));
}

TEST_F(CollectorRunnerUnsupportedTest, DoesNotBelieveItOnceTheKeyWasRefused) {
  Succeed(kProject);
  Fail(kProject, ErrorCode::kAuth);
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kForbidden));
  Succeed(kProject);
  Fail(kProject, ErrorCode::kForbidden);
  EXPECT_FALSE(IsTakenForMissing(kOptional, ErrorCode::kNotFound));
}

TEST_F(CollectorRunnerUnsupportedTest, BelievesItDespiteATimeoutOfTheProject) {
  Succeed(kProject);
  Fail(kProject, ErrorCode::kTimeout);
  EXPECT_TRUE(IsTakenForMissing(kOptional, ErrorCode::kNotFound));
}

TEST_F(CollectorRunnerUnsupportedTest, DropsTheSeriesAndSaysSoOnce) {
  Succeed(kProject);
  Succeed(kOptional, {"n1"});
  Fail(kOptional, ErrorCode::kNotFound);
  EXPECT_EQ(LinesOf(Page(), "serverspace_network_info"), "");
  EXPECT_EQ(Self("series", "networks"), "0");
  clock_.Advance(60s);
  Fail(kOptional, ErrorCode::kNotFound);
  EXPECT_EQ(log_.Lines("info the project does not have").size(), 1U);
  EXPECT_TRUE(log_.Lines("warn").empty());
  EXPECT_EQ(Self("last_success_timestamp_seconds", "networks"), "1700000060");
}

TEST_F(CollectorRunnerUnsupportedTest, EndsWithASuccess) {
  Succeed(kProject);
  Fail(kOptional, ErrorCode::kNotFound);
  EXPECT_EQ(Succeed(kOptional, {"n1"}), 300s);
  EXPECT_EQ(Self("supported", "networks"), "1");
  EXPECT_EQ(Errors("networks", "other"), "0");
  EXPECT_NE(LinesOf(Page(), "serverspace_network_info"), "");
}

TEST_F(CollectorRunnerTest, CountsSeriesThatAreThereAlready) {
  Succeed(kOptional, {"n1", "n1", "n2"});
  Succeed(kOptional, {"n1", "n1", "n2"});
  EXPECT_EQ(LinesOf(Page(), "serverspace_network_info"),
            "serverspace_network_info{project=\"prod\",network_id=\"n1\"} 1\n"
            "serverspace_network_info{project=\"prod\",network_id=\"n2\"} 1\n");
  EXPECT_EQ(Self("dropped_series_total", "networks", ",reason=\"duplicate\""),
            "2");
  EXPECT_EQ(Self("series", "networks"), "3");
  EXPECT_EQ(Self("success", "networks"), "1");
}

TEST_F(CollectorRunnerTest, CountsAnExceptionAsAFailureWithoutItsText) {
  Succeed(kServers, {"n1"});
  const std::string data = Data();
  action_ = [](const collectors::Run&, metrics::SampleSet&) -> Result<void> {
    throw std::runtime_error("the password is secret-text");
  };
  EXPECT_EQ(Run(kServers), 60s);
  action_ = [](const collectors::Run&, metrics::SampleSet&) -> Result<void> {
    throw 1;
  };
  EXPECT_EQ(Run(kServers), 60s);
  EXPECT_EQ(Errors("servers", "other"), "2");
  EXPECT_EQ(Self("success", "servers"), "0");
  EXPECT_EQ(Data(), data);
  EXPECT_TRUE(log_.Mentions("internal error"));
  EXPECT_FALSE(log_.Mentions("secret-text"));
  EXPECT_EQ(Page().find("secret-text"), std::string::npos);
}

TEST_F(CollectorRunnerTest, TakesACancelledRunForNoRun) {
  Succeed(kServers, {"n1"});
  const std::string before = Page();
  clock_.Advance(60s);
  EXPECT_EQ(Fail(kServers, ErrorCode::kCancelled), std::nullopt);
  runner_.PublishSelf(*project_);
  EXPECT_EQ(Page(), before);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(CollectorRunnerTest, LogsInWordsThatTheKeyIsRefused) {
  Fail(kServers, ErrorCode::kForbidden, "GET /servers: HTTP 403");
  ASSERT_EQ(log_.Lines("warn").size(), 1U);
  EXPECT_TRUE(log_.Lines("warn").front().starts_with(
      "warn collector failed project=prod collector=servers reason=auth "
      "error=GET /servers: HTTP 403; the API refuses the key failures=1"))
      << log_.Lines("warn").front();
}

TEST_F(CollectorRunnerTest, LogsTheFirstFailureAndThenTheRecovery) {
  for (int i = 0; i < 3; ++i) Fail(kServers, ErrorCode::kTimeout, "timed out");
  EXPECT_EQ(log_.Lines("warn").size(), 1U);
  EXPECT_TRUE(log_.Lines("warn").front().starts_with(
      "warn collector failed project=prod collector=servers reason=timeout "
      "error=timed out failures=1 duration_seconds="));
  EXPECT_EQ(log_.Lines("debug collector failed").size(), 2U);
  Succeed(kServers);
  EXPECT_EQ(log_.Lines("info"),
            (std::vector<std::string>{"info collector recovered project=prod "
                                      "collector=servers failures=3"}));
  Succeed(kServers);
  EXPECT_EQ(log_.Lines("info").size(), 1U);
}

TEST_F(CollectorRunnerTest, LogsAFailureThatComesAndGoesOnceAnHour) {
  for (int minute = 0; minute < 60; minute += 2) {
    Fail(kServers, ErrorCode::kTimeout);
    Fail(kServers, ErrorCode::kServerError);
    clock_.Advance(1min);
    Succeed(kServers);
    clock_.Advance(1min);
  }
  EXPECT_EQ(log_.Lines("warn").size(), 2U);
  EXPECT_EQ(log_.Lines("info collector recovered").size(), 1U);
  // The 29 since the first, and this one.
  Fail(kServers, ErrorCode::kTimeout);
  EXPECT_EQ(log_.Lines("warn").size(), 3U);
  EXPECT_NE(log_.Lines("warn").back().find(" failures=30 "), std::string::npos);
  Succeed(kServers);
  EXPECT_EQ(log_.Lines("info collector recovered").size(), 2U);
}

TEST_F(CollectorRunnerTest, LogsAFailureOfAnotherKind) {
  Fail(kServers, ErrorCode::kTimeout);
  Fail(kServers, ErrorCode::kAuth);
  Fail(kServers, ErrorCode::kAuth);
  EXPECT_EQ(log_.Lines("warn").size(), 2U);
}

TEST_F(CollectorRunnerTest, LogsAFailureThatLastsOnceAnHour) {
  for (int minute = 0; minute < 180; ++minute) {
    Fail(kServers, ErrorCode::kTimeout);
    clock_.Advance(1min);
  }
  EXPECT_EQ(log_.Lines("warn").size(), 3U);
}

TEST_F(CollectorRunnerTest, TriesAFailedRunAgainBeforeALongInterval) {
  Add("images", Presence::kOn, 6h, 18h);
  collectors_.back().calls = {.fixed = 1};
  project_->Configure({.name = "prod", .thresholds = {}, .api_key_expires = {}},
                      collectors_);
  const std::size_t images = collectors_.size() - 1;
  EXPECT_EQ(Fail(images, ErrorCode::kNetwork), 1min);
  EXPECT_EQ(project_->States()[images].next_run, clock_.Mono() + 1min);
  EXPECT_EQ(Fail(images, ErrorCode::kNetwork), 2min);
  EXPECT_EQ(Fail(images, ErrorCode::kAuth), 4min);
  for (int i = 0; i < 100; ++i) Fail(images, ErrorCode::kNetwork);
  EXPECT_EQ(Fail(images, ErrorCode::kNetwork), 6h);
  EXPECT_EQ(Succeed(images), 6h);
  EXPECT_EQ(Fail(images, ErrorCode::kNetwork), 1min);
}

TEST_F(CollectorRunnerTest, DoesNotRepeatALongRunAtOnce) {
  action_ = [&](const collectors::Run&, metrics::SampleSet&) {
    clock_.Advance(2min);
    return Result<void>(Error{ErrorCode::kTimeout, "GET: timed out"});
  };
  EXPECT_EQ(Run(kOptional), 4min);
}

TEST_F(CollectorRunnerTest, TellsARunHowManyCallsFitIntoIt) {
  collectors::CallBudget budget;
  action_ = [&](const collectors::Run& run, metrics::SampleSet&) {
    budget = run.budget;
    return Result<void>();
  };
  Run(kOptional);
  EXPECT_EQ(budget.interval, 300s);
  // 240 s at the usual 5 a second.
  EXPECT_EQ(budget.calls, 1200U);
  CollectorRunner slow(collectors_, {.max_requests_per_second = 0.5}, pages_,
                       clock_, log_);
  slow.Run(*project_, kOptional, std::stop_token());
  EXPECT_EQ(budget.calls, 120U);
}

class CollectorRunnerSkipTest : public CollectorRunnerTest {
 protected:
  CollectorRunnerSkipTest() {
    collectors_[kOptional].calls = {.per_server = 1};
    project_->Configure(
        {.name = "prod", .thresholds = {}, .api_key_expires = {}}, collectors_);
  }
  std::optional<Duration> Skip() {
    return Fail(kOptional, ErrorCode::kTooManyCalls,
                "a run needs 9 calls; an interval of 9m would do");
  }
};

TEST_F(CollectorRunnerSkipTest, CountsASkippedRunApartFromErrors) {
  Succeed(kOptional, {"n1"});
  const std::string data = Data();
  EXPECT_EQ(Self("skipped_runs_total", "networks"), "0");
  EXPECT_EQ(Self("skipped_runs_total", "servers"), "absent");
  EXPECT_EQ(Skip(), 300s);
  EXPECT_EQ(Skip(), 300s);
  EXPECT_EQ(Self("skipped_runs_total", "networks"), "2");
  EXPECT_EQ(Self("success", "networks"), "0");
  for (int code = 0; code < kReasonCount; ++code)
    EXPECT_EQ(Errors("networks", ReasonName(static_cast<ErrorCode>(code))),
              "0");
  EXPECT_EQ(Data(), data);
}

TEST_F(CollectorRunnerSkipTest, SaysOnceWhichIntervalWouldDo) {
  for (int i = 0; i < 100; ++i) {
    Skip();
    clock_.Advance(300s);
  }
  EXPECT_EQ(log_.Lines("warn collector skipped"),
            (std::vector<std::string>{
                "warn collector skipped: its interval is too short "
                "project=prod collector=networks error=a run needs 9 calls; an "
                "interval of 9m would do"}));
  EXPECT_EQ(project_->States()[kOptional].last_error,
            "a run needs 9 calls; an interval of 9m would do");
  Succeed(kOptional);
  EXPECT_EQ(log_.Lines("info collector recovered").size(), 1U);
  Skip();
  EXPECT_EQ(log_.Lines("warn collector skipped").size(), 2U);
}

TEST_F(CollectorRunnerTest, TellsPeopleTheLastErrorUntilASuccess) {
  Fail(kServers, ErrorCode::kTls, "certificate expired");
  EXPECT_EQ(project_->States()[kServers].last_error, "certificate expired");
  EXPECT_EQ(project_->States()[kServers].next_run, clock_.Mono() + 60s);
  Succeed(kServers);
  EXPECT_EQ(project_->States()[kServers].last_error, "");
}

TEST_F(CollectorRunnerTest, KeepsTheOperationsOfWhatIsServed) {
  const auto in_progress = [&] {
    std::size_t count = 0;
    // A range-for does not keep what its range is a part of.
    const std::vector<CollectorState> states = project_->States();
    for (const auto& operations : states[kOptional].operations)
      count += operations.in_progress;
    return count;
  };
  const auto succeed = [&](std::size_t count) {
    action_ = [count](const collectors::Run& run, metrics::SampleSet& out) {
      out.Add(kNetworks, {}, count);
      run.operations.push_back(
          {.resource = "network", .in_progress = count, .oldest_start = {}});
      return Result<void>();
    };
    Run(kOptional);
  };
  succeed(3);
  EXPECT_EQ(in_progress(), 3U);
  succeed(2);
  EXPECT_EQ(in_progress(), 2U);
  Fail(kOptional, ErrorCode::kTimeout);
  EXPECT_EQ(in_progress(), 2U);
  clock_.Advance(901s);
  runner_.Sweep(*project_);
  EXPECT_EQ(in_progress(), 0U);

  succeed(1);
  Succeed(kProject);
  Fail(kOptional, ErrorCode::kNotFound);
  EXPECT_FALSE(project_->States()[kOptional].supported);
  EXPECT_TRUE(project_->States()[kOptional].operations.empty());
}

}  // namespace
}  // namespace serverspace::exporter
