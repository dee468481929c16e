#include "exporter/project.h"

#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/factories.h"
#include "collectors/fake_project_client.h"
#include "exporter/fake_state_store.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

Money Units(std::int64_t units) { return Money::FromMicros(units * 1'000'000); }

class ProjectTest : public testing::Test {
 protected:
  ProjectTest() {
    Add("project", collectors::MakeProjectCollector());
    Add("servers", collectors::MakeServersCollector());
  }
  void Add(std::string name,
           std::unique_ptr<const collectors::Collector> collector) {
    collectors_.push_back({.name = std::move(name),
                           .collector = std::move(collector),
                           .presence = collectors::Presence::kCore,
                           .interval = 60s,
                           .stale_after = 600s});
  }
  Project& Make(ProjectFacts facts = {
                    .name = "prod", .thresholds = {}, .api_key_expires = {}}) {
    project_ = std::make_unique<Project>(std::move(facts), collectors_, store_,
                                         clock_, log_);
    return *project_;
  }
  std::string Lasting() {
    metrics::SampleSet samples("prod");
    project_->AddLasting(samples);
    return std::move(samples).Render().ToString();
  }

  FakeClock clock_;
  RecordingLog log_;
  FakeStateStore store_;
  std::vector<ActiveCollector> collectors_;
  std::unique_ptr<Project> project_;
};

TEST_F(ProjectTest, SaysNothingThatItDoesNotKnow) {
  Make();
  EXPECT_EQ(Lasting(), "");
}

TEST_F(ProjectTest, SaysWhetherItsLastReadSucceeded) {
  Make().WithState(0, [](CollectorState& state) { state.success = true; });
  EXPECT_EQ(Lasting(), "serverspace_up{project=\"prod\"} 1\n");
  project_->WithState(0, [](CollectorState& state) { state.success = false; });
  project_->WithState(1, [](CollectorState& state) { state.success = true; });
  EXPECT_EQ(Lasting(), "serverspace_up{project=\"prod\"} 0\n");
}

TEST_F(ProjectTest, IsReadOnceItsLastReadSucceeded) {
  Make();
  EXPECT_FALSE(project_->IsRead());
  project_->WithState(0, [&](CollectorState& state) {
    state.success = true;
    state.last_success_mono = clock_.Mono();
  });
  EXPECT_TRUE(project_->IsRead());
  project_->WithState(0, [](CollectorState& state) { state.success = false; });
  EXPECT_FALSE(project_->IsRead());
}

TEST_F(ProjectTest, IsNotKnownToBeReadWithoutTheProjectCollector) {
  collectors_.erase(collectors_.begin());
  Make().WithState(0, [&](CollectorState& state) {
    state.success = true;
    state.last_success_mono = clock_.Mono();
  });
  EXPECT_FALSE(project_->IsRead());
}

TEST_F(ProjectTest, SaysNothingOfUpWithoutTheProjectCollector) {
  collectors_.erase(collectors_.begin());
  Make().WithState(0, [](CollectorState& state) { state.success = true; });
  EXPECT_EQ(Lasting(), "");
}

TEST_F(ProjectTest, ShowsItsTotalsFromZeroAsExactDecimals) {
  Make().ledger().Observe("p1", "USD", Units(100));
  EXPECT_EQ(Lasting(),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"USD\"} 0\n"
            "serverspace_project_topup_total"
            "{project=\"prod\",currency=\"USD\"} 0\n");
  project_->ledger().Observe("p1", "USD", Money::FromMicros(318'070'000));
  project_->ledger().Observe("p1", "USD", Money::FromMicros(318'069'999));
  EXPECT_EQ(Lasting(),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"USD\"} 0.000001\n"
            "serverspace_project_topup_total"
            "{project=\"prod\",currency=\"USD\"} 218.07\n");
}

TEST_F(ProjectTest, TellsOnceOfACurrencyWithoutThresholds) {
  Make();
  EXPECT_EQ(project_->TakeUnwatchedCurrency(), std::nullopt);
  project_->ledger().Observe("p1", "EUR", Units(100));
  EXPECT_EQ(project_->TakeUnwatchedCurrency(), std::nullopt);
  ProjectFacts facts{.name = "prod",
                     .thresholds = {{"warning", "USD", Units(50)}},
                     .api_key_expires = {}};
  project_->Configure(facts, collectors_);
  EXPECT_EQ(project_->TakeUnwatchedCurrency(), "EUR");
  EXPECT_EQ(project_->TakeUnwatchedCurrency(), std::nullopt);
  project_->ledger().Observe("p1", "USD", Units(100));
  EXPECT_EQ(project_->TakeUnwatchedCurrency(), std::nullopt);
}

TEST_F(ProjectTest, ShowsTotalsThatWereSavedBeforeAnyRead) {
  store_.Set("prod", {.project_id = "p1",
                      .currency = "EUR",
                      .first_balance = Units(10),
                      .balance = Units(5),
                      .spend = Units(7),
                      .topup = Units(2)});
  Make();
  EXPECT_EQ(Lasting(),
            "serverspace_project_spend_total"
            "{project=\"prod\",currency=\"EUR\"} 7\n"
            "serverspace_project_topup_total"
            "{project=\"prod\",currency=\"EUR\"} 2\n");
}

TEST_F(ProjectTest, ShowsItsOwnThresholdsBeforeAnyRead) {
  Make(
      {.name = "prod",
       .thresholds = {{"warning", "", Units(200)}, {"critical", "", Units(50)}},
       .api_key_expires = {}});
  EXPECT_EQ(Lasting(),
            "serverspace_project_balance_threshold"
            "{project=\"prod\",severity=\"warning\"} 200\n"
            "serverspace_project_balance_threshold"
            "{project=\"prod\",severity=\"critical\"} 50\n");
}

TEST_F(ProjectTest, ShowsThresholdsOfItsCurrencyOnceThatIsKnown) {
  Make({.name = "prod",
        .thresholds = {{"warning", "RUB", Units(5000)},
                       {"warning", "USD", Units(50)},
                       {"critical", "USD", Units(10)}},
        .api_key_expires = {}});
  EXPECT_EQ(Lasting(), "");
  project_->ledger().Observe("p1", "USD", Units(100));
  EXPECT_TRUE(
      Lasting().starts_with("serverspace_project_balance_threshold"
                            "{project=\"prod\",severity=\"warning\"} 50\n"
                            "serverspace_project_balance_threshold"
                            "{project=\"prod\",severity=\"critical\"} 10\n"
                            "serverspace_project_spend"))
      << Lasting();
}

TEST_F(ProjectTest, PutsItsOwnThresholdBeforeThatOfItsCurrency) {
  Make({.name = "prod",
        .thresholds = {{"critical", "", Units(70)},
                       {"warning", "USD", Units(50)},
                       {"critical", "USD", Units(10)}},
        .api_key_expires = {}});
  project_->ledger().Observe("p1", "USD", Units(100));
  EXPECT_TRUE(
      Lasting().starts_with("serverspace_project_balance_threshold"
                            "{project=\"prod\",severity=\"critical\"} 70\n"
                            "serverspace_project_balance_threshold"
                            "{project=\"prod\",severity=\"warning\"} 50\n"
                            "serverspace_project_spend"))
      << Lasting();
}

TEST_F(ProjectTest, ShowsWhenItsKeyExpires) {
  Make({.name = "prod",
        .thresholds = {},
        .api_key_expires = WallTime(1'800'000'000s)});
  EXPECT_EQ(Lasting(),
            "serverspace_project_api_key_expiry_timestamp_seconds"
            "{project=\"prod\"} 1800000000\n");
}

TEST_F(ProjectTest, ShowsWhetherItsKeyFileCanBeRead) {
  Make();
  const auto key = std::make_shared<ProjectKey>(
      "prod",
      config::KeySource{.file = "/nonexistent/key", .key = Secret("04first")},
      clock_, log_);
  project_->Connect(std::make_unique<collectors::FakeProjectClient>(), key);
  EXPECT_EQ(Lasting(),
            "serverspace_project_api_key_readable{project=\"prod\"} 1\n");
  EXPECT_TRUE(project_->GetStatus().api_key_readable);
  EXPECT_TRUE(project_->LookAtKey());
  EXPECT_FALSE(project_->LookAtKey()) << "nothing new";
  EXPECT_FALSE(project_->GetStatus().api_key_readable);
  EXPECT_EQ(Lasting(),
            "serverspace_project_api_key_readable{project=\"prod\"} 0\n");
}

TEST_F(ProjectTest, KeepsWhatCollectorsKnowThatStayOn) {
  Make();
  for (const std::size_t index : {0U, 1U})
    project_->WithState(
        index, [&](CollectorState& state) { state.series = index + 1; });
  collectors_[0].interval = 90s;
  collectors_[0].stale_after = 900s;
  std::swap(collectors_[0], collectors_[1]);
  Add("networks", collectors::MakeServersCollector());
  project_->Configure({.name = "prod", .thresholds = {}, .api_key_expires = {}},
                      collectors_);
  const ProjectStatus status = project_->GetStatus();
  ASSERT_EQ(status.collectors.size(), 3U);
  EXPECT_EQ(status.collectors[0].name, "servers");
  EXPECT_EQ(status.collectors[0].state.series, 2U);
  EXPECT_EQ(status.collectors[1].name, "project");
  EXPECT_EQ(status.collectors[1].state.series, 1U);
  EXPECT_EQ(status.collectors[1].state.interval, 90s);
  EXPECT_EQ(status.collectors[1].state.stale_after, 900s);
  EXPECT_EQ(status.collectors[2].state.series, 0U);
}

TEST_F(ProjectTest, ForgetsTheServersThatNobodyReads) {
  Make().inventory().Replace({collectors::InventoryServer()});
  std::erase_if(collectors_, [](const ActiveCollector& collector) {
    return collector.name == "servers";
  });
  project_->Configure({.name = "prod", .thresholds = {}, .api_key_expires = {}},
                      collectors_);
  EXPECT_EQ(project_->inventory().servers(), nullptr);
}

/// Also with VMware.
class ProjectServerListsTest : public ProjectTest {
 protected:
  ProjectServerListsTest() {
    Add("vmware", collectors::MakeVmwareCollector());
    Make();
  }
  void Fail(std::size_t index, ErrorCode code) {
    project_->WithState(index, [&](CollectorState& state) {
      state.success = false;
      state.last_code = code;
    });
  }
  void LackProduct(std::size_t index) {
    project_->WithState(index, [&](CollectorState& state) {
      state.success = true;
      state.supported = false;
    });
  }

  static constexpr std::size_t kServers = 1;
  static constexpr std::size_t kVmware = 2;
};

TEST_F(ProjectServerListsTest, AwaitBothLists) {
  EXPECT_TRUE(project_->GetServerLists().awaited);
  project_->inventory().Replace({});
  EXPECT_TRUE(project_->GetServerLists().awaited);
  project_->inventory().ReplaceVmware({});
  const ServerLists lists = project_->GetServerLists();
  EXPECT_EQ(lists.project, "prod");
  EXPECT_FALSE(lists.awaited);
  EXPECT_FALSE(lists.refused);
  EXPECT_EQ(lists.lists, (std::vector<collectors::Inventory::Servers>{
                             project_->inventory().servers(),
                             project_->inventory().vmware_servers()}));
}

TEST_F(ProjectServerListsTest, StayAsTheyAreWhateverFails) {
  project_->inventory().Replace({});
  project_->inventory().ReplaceVmware({});
  for (const ErrorCode code :
       {ErrorCode::kAuth, ErrorCode::kNetwork, ErrorCode::kBadResponse}) {
    Fail(kServers, code);
    Fail(kVmware, code);
    EXPECT_FALSE(project_->GetServerLists().awaited);
    EXPECT_FALSE(project_->GetServerLists().refused);
    EXPECT_EQ(project_->GetServerLists().lists.size(), 2U);
  }
  // A product that is gone may be back in a moment.
  LackProduct(kVmware);
  EXPECT_EQ(project_->GetServerLists().lists.size(), 2U);
}

TEST_F(ProjectServerListsTest, TellARefusedKeyFromAnOutage) {
  Fail(kServers, ErrorCode::kAuth);
  Fail(kVmware, ErrorCode::kAuth);
  EXPECT_TRUE(project_->GetServerLists().refused);
  EXPECT_FALSE(project_->GetServerLists().awaited);
  Fail(kServers, ErrorCode::kTimeout);
  Fail(kVmware, ErrorCode::kTimeout);
  EXPECT_FALSE(project_->GetServerLists().refused);
  EXPECT_TRUE(project_->GetServerLists().awaited);
}

TEST_F(ProjectServerListsTest, AreNotHalfKnownByARefusal) {
  Fail(kServers, ErrorCode::kAuth);
  project_->inventory().ReplaceVmware({});
  EXPECT_TRUE(project_->GetServerLists().awaited);
}

TEST_F(ProjectServerListsTest, DoNotWaitForAProductThatIsRefused) {
  Fail(kVmware, ErrorCode::kAuth);
  project_->inventory().Replace({});
  const ServerLists lists = project_->GetServerLists();
  EXPECT_FALSE(lists.awaited);
  EXPECT_TRUE(lists.refused);
  EXPECT_EQ(lists.lists.size(), 1U);
}

TEST_F(ProjectServerListsTest, DoNotAwaitAProductThatIsNotThere) {
  project_->inventory().Replace({});
  LackProduct(kVmware);
  EXPECT_FALSE(project_->GetServerLists().awaited);
  // Nor when nobody could be asked again.
  Fail(kVmware, ErrorCode::kNetwork);
  EXPECT_FALSE(project_->GetServerLists().awaited);
  EXPECT_EQ(project_->GetServerLists().lists.size(), 1U);
}

TEST_F(ProjectServerListsTest, KnowOnlyWhatSomebodyReads) {
  project_->inventory().Replace({});
  project_->inventory().ReplaceVmware({});
  const auto keep = [&](std::string_view name) {
    std::erase_if(collectors_, [&](const ActiveCollector& collector) {
      return collector.name != name;
    });
    project_->Configure(
        {.name = "prod", .thresholds = {}, .api_key_expires = {}}, collectors_);
    return project_->GetServerLists();
  };
  ServerLists lists = keep("vmware");
  EXPECT_EQ(lists.lists.size(), 1U);
  // A list of nothing but VMware is not a list of the servers.
  EXPECT_TRUE(lists.unread);
  // No list is not an empty list.
  lists = keep("project");
  EXPECT_TRUE(lists.lists.empty());
  EXPECT_TRUE(lists.unread);
}

TEST_F(ProjectServerListsTest, AreKnownWithoutVmware) {
  project_->inventory().Replace({});
  std::erase_if(collectors_, [](const ActiveCollector& collector) {
    return collector.name == "vmware";
  });
  project_->Configure({.name = "prod", .thresholds = {}, .api_key_expires = {}},
                      collectors_);
  const ServerLists lists = project_->GetServerLists();
  EXPECT_FALSE(lists.unread);
  EXPECT_FALSE(lists.awaited);
  EXPECT_EQ(lists.lists.size(), 1U);
}

TEST_F(ProjectTest, BeginsWithTheSettingsOfItsCollectors) {
  const std::vector<CollectorState> states = Make().States();
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].interval, 60s);
  EXPECT_EQ(states[0].stale_after, 600s);
  EXPECT_EQ(states[0].success, std::nullopt);
}

TEST_F(ProjectTest, TellsPeopleWhatIsKnown) {
  ProjectStatus status = Make().GetStatus();
  EXPECT_EQ(status.name, "prod");
  EXPECT_EQ(status.money, std::nullopt);
  EXPECT_EQ(status.servers_by_state, std::nullopt);
  ASSERT_EQ(status.collectors.size(), 2U);
  EXPECT_EQ(status.collectors[1].name, "servers");

  collectors::InventoryServer server;
  server.state = "busy";
  project_->inventory().Replace({server, server});
  project_->inventory().SetProject("p1", "active");
  project_->ledger().Observe("p1", "USD", Units(3));
  project_->WithState(1, [](CollectorState& state) { state.series = 9; });
  // Known from a former life, or too old for the page of metrics.
  EXPECT_EQ(project_->GetStatus().money, std::nullopt);
  EXPECT_EQ(project_->GetStatus().servers_by_state, std::nullopt);
  EXPECT_EQ(project_->GetStatus().state, "");

  for (const std::size_t index : {0U, 1U})
    project_->WithState(index, [](CollectorState& s) { s.published = true; });
  status = project_->GetStatus();
  ASSERT_TRUE(status.money);
  EXPECT_EQ(status.money->balance, Units(3));
  EXPECT_EQ(status.state, "active");
  ASSERT_TRUE(status.servers_by_state);
  EXPECT_EQ(*status.servers_by_state,
            (std::map<std::string, std::size_t>{{"busy", 2}}));
  EXPECT_EQ(status.collectors[1].state.series, 9U);
}

TEST_F(ProjectTest, TellsPeopleOfTheThresholdsThatHold) {
  const WallTime expires(1'800'000'000s);
  Make({.name = "prod",
        .thresholds = {{"warning", "", Units(200)},
                       {"warning", "USD", Units(50)},
                       {"critical", "USD", Units(10)},
                       {"critical", "RUB", Units(900)}},
        .api_key_expires = expires});
  project_->ledger().Observe("p1", "USD", Units(3));
  const ProjectStatus status = project_->GetStatus();
  EXPECT_EQ(status.api_key_expires, expires);
  ASSERT_EQ(status.thresholds.size(), 2U);
  EXPECT_EQ(status.thresholds[0].severity, "warning");
  EXPECT_EQ(status.thresholds[0].amount, Units(200));
  EXPECT_EQ(status.thresholds[1].severity, "critical");
  EXPECT_EQ(status.thresholds[1].amount, Units(10));
}

}  // namespace
}  // namespace serverspace::exporter
