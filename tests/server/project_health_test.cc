#include "server/project_health.h"

#include <chrono>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;

Money Units(std::int64_t units) { return Money::FromMicros(units * 1'000'000); }

class ProjectHealthTest : public testing::Test {
 protected:
  exporter::CollectorState& Add(std::string name) {
    project_.collectors.push_back({.name = std::move(name), .state = {}});
    exporter::CollectorState& state = project_.collectors.back().state;
    state.success = true;
    state.published = true;
    state.last_success_mono = status_.now_mono - 10s;
    return state;
  }
  void Fail(exporter::CollectorState& state, ErrorCode code) {
    state.success = false;
    state.last_code = code;
    state.last_error = "GET /x: failed";
  }
  void SetBalance(std::int64_t units) {
    project_.money = exporter::SavedMoney{.project_id = "p1",
                                          .currency = "EUR",
                                          .first_balance = {},
                                          .balance = Units(units),
                                          .spend = {},
                                          .topup = {}};
    project_.thresholds = {{"warning", Units(50)}, {"critical", Units(10)}};
  }
  ProjectHealth Judge() { return JudgeProject(project_, status_); }
  /// `severity: text` of each trouble.
  std::vector<std::string> Troubles() {
    std::vector<std::string> lines;
    for (const Trouble& trouble : Judge().troubles)
      lines.push_back(std::string(HealthName(trouble.health)) + ": " +
                      trouble.text);
    return lines;
  }
  using Lines = std::vector<std::string>;

  exporter::Status status_{.now = WallTime(1'700'000'000s),
                           .now_mono = MonoTime(100h),
                           .ready = true,
                           .healthy = true,
                           .unknown_values = {},
                           .bad_items = {},
                           .projects = {}};
  exporter::ProjectStatus project_{.name = "prod",
                                   .money = {},
                                   .thresholds = {},
                                   .api_key_expires = {},
                                   .servers_by_state = {},
                                   .collectors = {}};
};

TEST_F(ProjectHealthTest, IsGoodWhenAllRunsSucceed) {
  Add("project");
  Add("servers");
  EXPECT_EQ(Judge().health, Health::kGood);
  EXPECT_EQ(Troubles(), Lines());
}

TEST_F(ProjectHealthTest, WaitsForEveryFirstRun) {
  Add("project");
  Add("servers").success.reset();
  EXPECT_EQ(Judge().health, Health::kWaiting);
  EXPECT_EQ(Troubles(), Lines());
}

TEST_F(ProjectHealthTest, IsAWarningWhileOldDataIsServed) {
  exporter::CollectorState& state = Add("servers");
  Fail(state, ErrorCode::kTimeout);
  state.last_success_mono = status_.now_mono - 3min;
  EXPECT_EQ(Judge().health, Health::kWarning);
  EXPECT_EQ(Troubles(), Lines({"warning: servers: timeout: GET /x: failed "
                               "(its data is 3 min old)"}));
}

TEST_F(ProjectHealthTest, IsCriticalWithoutData) {
  exporter::CollectorState& state = Add("servers");
  Fail(state, ErrorCode::kTimeout);
  state.published = false;
  state.last_success_mono = status_.now_mono - 3h;
  EXPECT_EQ(Troubles(), Lines({"critical: servers: timeout: GET /x: failed "
                               "(no data for 3 h)"}));
  state.last_success_mono.reset();
  EXPECT_EQ(Troubles(), Lines({"critical: servers: timeout: GET /x: failed "
                               "(there was no data yet)"}));
}

TEST_F(ProjectHealthTest, IsCriticalWhenTheKeyIsRefusedThoughDataIsServed) {
  Fail(Add("servers"), ErrorCode::kAuth);
  EXPECT_EQ(Judge().health, Health::kCritical);
}

TEST_F(ProjectHealthTest, MissesNoDataOfAProductThatIsNotThere) {
  exporter::CollectorState& state = Add("vmware");
  state.supported = false;
  state.published = false;
  EXPECT_EQ(Judge().health, Health::kGood);
  Fail(state, ErrorCode::kTimeout);
  EXPECT_EQ(Judge().health, Health::kWarning);
}

TEST_F(ProjectHealthTest, IsTheSeverityOfTheLowestLimitThatTheBalanceIsBelow) {
  SetBalance(50);
  EXPECT_EQ(Judge().health, Health::kGood);
  SetBalance(49);
  EXPECT_EQ(Troubles(), Lines({"warning: balance: 49 EUR is below 50"}));
  SetBalance(10);
  EXPECT_EQ(Judge().health, Health::kWarning);
  SetBalance(-1);
  EXPECT_EQ(Troubles(), Lines({"critical: balance: -1 EUR is below 10"}));
  project_.thresholds.clear();
  EXPECT_EQ(Judge().health, Health::kGood);
}

TEST_F(ProjectHealthTest, KnowsNoLowBalanceBeforeTheBalance) {
  SetBalance(1);
  project_.money.reset();
  EXPECT_EQ(Judge().health, Health::kGood);
}

TEST_F(ProjectHealthTest, TellsOfAKeyThatEndsSoonOrHasEnded) {
  project_.api_key_expires = status_.now + 15 * 24h;
  EXPECT_EQ(Troubles(), Lines());
  project_.api_key_expires = status_.now + 13 * 24h;
  EXPECT_EQ(Troubles(), Lines({"warning: API key: it ends in 13 d"}));
  project_.api_key_expires = status_.now - 5h;
  EXPECT_EQ(Troubles(), Lines({"critical: API key: it ended 5 h ago"}));
}

TEST_F(ProjectHealthTest, TellsOfAKeyFileThatGivesNoKey) {
  project_.api_key_readable = false;
  EXPECT_EQ(Troubles(),
            Lines({"warning: API key: its file gives no key, so the one before "
                   "stays in use; the log says why"}));
}

TEST_F(ProjectHealthTest, TellsOfAProjectThatIsNotActive) {
  project_.state = "active";
  EXPECT_EQ(Troubles(), Lines());
  project_.state = "blocked";
  EXPECT_EQ(Troubles(),
            Lines({"critical: project: its state is blocked, not active"}));
}

TEST_F(ProjectHealthTest, NamesTheCoreCollectorsFirst) {
  for (const char* name : {"backups", "project", "servers", "vmware"})
    Fail(Add(name), name == std::string("servers") ? ErrorCode::kNetwork
                                                   : ErrorCode::kTimeout);
  const auto troubles = Judge().troubles;
  ASSERT_EQ(troubles.size(), 3U);
  EXPECT_TRUE(troubles[0].text.starts_with("project: timeout"));
  EXPECT_EQ(troubles[1].text, "timeout in 2 more collectors: backups, vmware");
  EXPECT_TRUE(troubles[2].text.starts_with("servers: network"));
  const auto sorted = CoreFirst(project_);
  ASSERT_EQ(sorted.size(), 4U);
  EXPECT_EQ(sorted[1]->name, "servers");
  EXPECT_EQ(sorted[2]->name, "backups");
}

TEST_F(ProjectHealthTest, TellsOfBlockedServers) {
  project_.servers_by_state = {{"active", 4}, {"blocked", 2}};
  EXPECT_EQ(Troubles(), Lines({"warning: servers: 2 blocked"}));
}

TEST_F(ProjectHealthTest, NamesTheWorstFirst) {
  Fail(Add("networks"), ErrorCode::kTimeout);
  Fail(Add("servers"), ErrorCode::kAuth);
  project_.servers_by_state = {{"blocked", 1}};
  const ProjectHealth health = Judge();
  EXPECT_EQ(health.health, Health::kCritical);
  ASSERT_EQ(health.troubles.size(), 3U);
  EXPECT_TRUE(health.troubles[0].text.starts_with("servers: auth"));
  EXPECT_TRUE(health.troubles[1].text.starts_with("networks: timeout"));
  EXPECT_EQ(health.troubles[2].text, "servers: 1 blocked");
}

TEST(ErrorTextTest, SaysWhatItLikelyMeans) {
  EXPECT_EQ(ErrorText(ErrorCode::kAuth, "GET /x: HTTP 401"),
            "auth: GET /x: HTTP 401; the API refuses the key");
  EXPECT_EQ(ErrorText(ErrorCode::kRateLimited, "GET /x: HTTP 429"),
            "rate_limited: GET /x: HTTP 429; too many requests with this key");
  EXPECT_EQ(ErrorText(ErrorCode::kTimeout, "GET /x: timed out"),
            "timeout: GET /x: timed out");
}

TEST(HealthNameTest, IsOneWordEach) {
  EXPECT_EQ(HealthName(Health::kGood), "ok");
  EXPECT_EQ(HealthName(Health::kWaiting), "waiting");
  EXPECT_EQ(HealthName(Health::kWarning), "warning");
  EXPECT_EQ(HealthName(Health::kCritical), "critical");
}

struct SpanCase {
  Duration span;
  std::string text;
};

class SpanTextTest : public testing::TestWithParam<SpanCase> {};

TEST_P(SpanTextTest, IsReadable) {
  EXPECT_EQ(SpanText(GetParam().span), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Spans, SpanTextTest,
    testing::Values(SpanCase{0s, "0 s"}, SpanCase{-3s, "0 s"},
                    SpanCase{400ms, "0 s"}, SpanCase{999ms, "1 s"},
                    SpanCase{1s, "1 s"}, SpanCase{99s, "99 s"},
                    SpanCase{99700ms, "2 min"}, SpanCase{100s, "2 min"},
                    SpanCase{209s, "3 min"}, SpanCase{210s, "4 min"},
                    SpanCase{5939s, "99 min"}, SpanCase{5970s, "2 h"},
                    SpanCase{3h + 29min, "3 h"}, SpanCase{3h + 30min, "4 h"},
                    SpanCase{47h + 29min, "47 h"}, SpanCase{47h + 30min, "2 d"},
                    SpanCase{13 * 24h + 14h, "14 d"},
                    SpanCase{Duration::max(), "106752 d"}));

}  // namespace
}  // namespace serverspace::server
