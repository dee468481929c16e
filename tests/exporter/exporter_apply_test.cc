#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "config/temp_dir.h"
#include "exporter/exporter_fixture.h"

namespace serverspace::exporter {
namespace {

/// A running exporter whose options change.
class ExporterApplyTest : public ExporterTest {
 protected:
  /// Counts requests by host and path, and keys, before they are answered.
  void Count(const FakeTransport::Handler& handler = FakeTransport::Ok) {
    transport_.Use([this, handler](const http::Request& request) {
      {
        std::lock_guard lock(mutex_);
        ++requests_[request.base.host + request.path];
        ++keys_[std::string(request.api_key.Reveal())];
      }
      return handler(request);
    });
  }
  int Requests(const std::string& host, const std::string& route) {
    std::lock_guard lock(mutex_);
    return requests_[host + "/api/v1/" + route];
  }
  int UsesOf(const std::string& key) {
    std::lock_guard lock(mutex_);
    return keys_[key];
  }
  void AddProjectWithKey(std::string name, std::string_view key) {
    AddProject(std::move(name));
    options_.projects.back().key.key = Secret(key);
  }
  static FakeTransport::Answer Balance(const http::Request& request,
                                       const std::string& balance) {
    if (!request.path.ends_with("/project")) return FakeTransport::Ok(request);
    return FakeTransport::Body(R"({"project":{"id":1,"currency":"USD",)"
                               R"("state":"Active","balance":)" +
                               balance + "}}");
  }
  /// All that is said of a project.
  std::string About(const std::string& project) const {
    std::string found;
    const std::string text = Page();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      if (line.find("project=\"" + project + "\"") != std::string::npos)
        found += line + "\n";
      at = end + 1;
    }
    return found;
  }

  std::mutex mutex_;  // guards both maps
  std::map<std::string, int> requests_;
  std::map<std::string, int> keys_;
};

TEST_F(ExporterApplyTest, KeepsAllThatIsKnownOfProjectsThatStay) {
  AddProject("a", "a.example.com");
  AddProject("b", "b.example.com");
  Count([](const http::Request& request) {
    return request.base.host == "a.example.com" &&
                   request.path.ends_with("/servers")
               ? FakeTransport::Status(401)
               : FakeTransport::Ok(request);
  });
  Start();
  Pass(1s);
  const std::string a = About("a");
  ASSERT_NE(a.find("errors_total{project=\"a\",collector=\"servers\","
                   "reason=\"auth\"} 1\n"),
            std::string::npos);

  AddProject("a", "a.example.com");
  AddProject("c", "c.example.com");
  const Changes changes = Apply();
  EXPECT_EQ(changes.added, 1U);
  EXPECT_EQ(changes.removed, 1U);
  EXPECT_EQ(changes.reconnected, 0U);
  // At once, before any time has passed.
  EXPECT_EQ(About("a"), a);
  EXPECT_EQ(About("b"), "");
  EXPECT_NE(About("c").find("errors_total"), std::string::npos);
  EXPECT_EQ(Lines("serverspace_exporter_projects"),
            "serverspace_exporter_projects 2\n");
  Pass(1s);
  EXPECT_EQ(About("a"), a);
  EXPECT_NE(About("c").find("serverspace_up{project=\"c\"} 1\n"),
            std::string::npos);
  EXPECT_EQ(exporter_->ProjectNames(), (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(exporter_->GetStatus().projects.size(), 2U);
}

TEST_F(ExporterApplyTest, KeepsDueTimes) {
  AddProject("a", "a.example.com");
  Count();
  Start();
  Pass(10s, 1s);
  for (int i = 0; i < 5; ++i) {
    AddProject("a", "a.example.com");
    Apply();
    Pass(4s, 1s);
  }
  // The second run comes between half an interval and a whole one.
  EXPECT_EQ(Requests("a.example.com", "project"), 1);
  Pass(31s, 1s);
  EXPECT_EQ(Requests("a.example.com", "project"), 2);
}

TEST_F(ExporterApplyTest, StartsARunAgainThatItCutShort) {
  AddProject("a", "a.example.com");
  Count([this](const auto& request) { return transport_.Hang(request); });
  Start();
  clock_.AwaitWaiters(threads_);
  AddProject("a", "a.example.com");
  Apply();
  clock_.AwaitWaiters(threads_);
  EXPECT_EQ(Requests("a.example.com", "project"), 2);
  EXPECT_EQ(Requests("a.example.com", "servers"), 2);
  EXPECT_EQ(About("a").find("last_attempt"), std::string::npos);
  EXPECT_TRUE(log_.Lines("warn").empty());
  exporter_->Stop();
}

TEST_F(ExporterApplyTest, UsesAnotherKeyAtOnceAndKeepsDataUntilItsResult) {
  AddProjectWithKey("a", "l5-old");
  AddProjectWithKey("b", "l5-other");
  Count();
  Start();
  Pass(1s);
  const std::string before = Lines("serverspace_server_info{project=\"a\"");
  ASSERT_NE(before, "");

  AddProjectWithKey("a", "l5-new");
  AddProjectWithKey("b", "l5-other");
  Count([this](const auto& request) { return transport_.Hang(request); });
  EXPECT_EQ(Apply().reconnected, 1U);
  clock_.AwaitWaiters(threads_);
  EXPECT_EQ(UsesOf("l5-old"), 2);
  EXPECT_EQ(UsesOf("l5-other"), 2);
  EXPECT_EQ(UsesOf("l5-new"), 2);
  EXPECT_EQ(Lines("serverspace_server_info{project=\"a\""), before);
  exporter_->Stop();
}

TEST_F(ExporterApplyTest, TakesANewKeyInTheSameFileOnceOnly) {
  const config::TempDir dir;
  const auto add = [&](const std::string& key) {
    AddProjectWithKey("a", key);
    options_.projects.back().key.file = dir.Write("key", key);
  };
  add("l5-old");
  Count();
  Start();
  Pass(1s);
  EXPECT_EQ(UsesOf("l5-old"), 2);
  add("l5-newer");
  EXPECT_EQ(Apply().reconnected, 1U);
  Pass(1s);
  EXPECT_EQ(UsesOf("l5-newer"), 2);
  // Found by a run, before a reload tells of it.
  dir.Write("key", "l5-newest");
  Pass(65s, 1s);
  EXPECT_EQ(UsesOf("l5-newest"), 2);
  add("l5-newest");
  EXPECT_EQ(Apply().reconnected, 0U);
  Pass(1s);
  EXPECT_EQ(UsesOf("l5-newest"), 2);
}

TEST_F(ExporterApplyTest, LooksAtTheKeyFilesWhenItRefreshes) {
  const config::TempDir dir;
  AddProjectWithKey("a", "l5-key");
  options_.projects.back().key.file = dir.Write("key", "l5-key");
  Start();
  Pass(1s);
  const auto tells = [&](const std::string& value) {
    return About("a").find("api_key_readable{project=\"a\"} " + value + "\n") !=
           std::string::npos;
  };
  EXPECT_TRUE(tells("1"));
  std::filesystem::remove(dir.Path("key"));
  exporter_->Refresh();
  EXPECT_TRUE(tells("0"));
  EXPECT_FALSE(exporter_->GetStatus().projects[0].api_key_readable);
  dir.Write("key", "l5-key");
  exporter_->Refresh();
  EXPECT_TRUE(tells("1"));
}

TEST_F(ExporterApplyTest, CountsMoneyOnAndKnowsWhatItSaw) {
  AddProject("a");
  Count([](const auto& request) { return Balance(request, "100"); });
  Start();
  Pass(1s);
  const std::string since =
      Lines("serverspace_server_state_since_timestamp_seconds");
  ASSERT_NE(since, "");
  AddProject("a");
  options_.max_requests_per_second = 2;
  Count([](const auto& request) { return Balance(request, "90.5"); });
  Apply();
  Pass(65s, 1s);
  EXPECT_EQ(Lines("serverspace_project_spend_total"),
            "serverspace_project_spend_total"
            "{project=\"a\",currency=\"USD\"} 9.5\n");
  EXPECT_EQ(Lines("serverspace_server_state_since_timestamp_seconds"), since);
}

TEST_F(ExporterApplyTest, CountsAProjectWithOtherApiSettingsAsReconnected) {
  AddProject("a", "a.example.com");
  Count();
  Start();
  Pass(1s);
  AddProject("a", "a.example.com");
  options_.max_requests_per_second = 2;
  EXPECT_EQ(Apply().reconnected, 1U);
  Pass(1s);
  // It is the key that it was, so there is no news to ask for.
  EXPECT_EQ(Requests("a.example.com", "project"), 1);
  AddProject("a", "a.example.com");
  options_.max_requests_per_second = 2;
  EXPECT_EQ(Apply().reconnected, 0U);
}

TEST_F(ExporterApplyTest, TakesARenamedProjectForAnother) {
  AddProject("old");
  Start();
  Pass(1s);
  AddProject("new");
  const Changes changes = Apply();
  EXPECT_EQ(changes.added, 1U);
  EXPECT_EQ(changes.removed, 1U);
  EXPECT_EQ(About("old"), "");
  EXPECT_EQ(Lines("serverspace_server_info"), "");
  Pass(1s);
  EXPECT_NE(Lines("serverspace_server_info{project=\"new\""), "");
}

TEST_F(ExporterApplyTest, KeepsAProjectsPlaceInTheRateLimit) {
  AddProject("a", "a.example.com");
  Count([](const auto&) {
    return http::Response{.status = 429, .retry_after = "600"};
  });
  Start();
  Pass(1s);
  const int before = Requests("a.example.com", "project") +
                     Requests("a.example.com", "servers");
  for (int i = 0; i < 10; ++i) {
    AddProject("a", "a.example.com");
    Apply();
    Pass(30s, 1s);
  }
  EXPECT_EQ(Requests("a.example.com", "project") +
                Requests("a.example.com", "servers"),
            before);
}

TEST_F(ExporterApplyTest, LeavesNothingOfAHostThatNobodyUses) {
  AddProject("a", "old.example.com");
  Start();
  Pass(1s);
  EXPECT_NE(Lines("serverspace_api_circuit_open{host=\"old.example.com\"}"),
            "");
  AddProject("a", "new.example.com");
  EXPECT_EQ(Apply().reconnected, 1U);
  EXPECT_EQ(Page().find("old.example.com"), std::string::npos);
  EXPECT_EQ(Lines("serverspace_api_circuit_open"),
            "serverspace_api_circuit_open{host=\"new.example.com\"} 0\n");
}

TEST_F(ExporterApplyTest, SwitchesCollectors) {
  AddProject("a", "a.example.com");
  Count();
  Start();
  Pass(1s);
  ASSERT_NE(Lines("serverspace_server_info"), "");

  AddProject("a", "a.example.com");
  ExporterOptions options = TakeOptions();
  std::erase_if(options.collectors, [](const ActiveCollector& collector) {
    return collector.name == "servers";
  });
  exporter_->Apply(std::move(options));
  EXPECT_EQ(Lines("serverspace_server"), "");
  EXPECT_EQ(About("a").find("collector=\"servers\""), std::string::npos);
  EXPECT_NE(Lines("serverspace_up"), "");
  EXPECT_EQ(exporter_->CollectorNames(),
            (std::set<std::string>{"project", "tasks"}));
  EXPECT_EQ(exporter_->GetStatus().projects.at(0).servers_by_state,
            std::nullopt);
  Pass(130s, 1s);
  EXPECT_EQ(Requests("a.example.com", "servers"), 1);

  AddProject("a", "a.example.com");
  Apply();
  Pass(1s);
  EXPECT_EQ(Requests("a.example.com", "servers"), 2);
  EXPECT_NE(Lines("serverspace_server_info"), "");
  EXPECT_NE(exporter_->GetStatus().projects.at(0).servers_by_state,
            std::nullopt);
}

TEST_F(ExporterApplyTest, TakesOverIntervalsAndThresholds) {
  AddProject("a", "a.example.com");
  Count();
  Start();
  Pass(1s);
  EXPECT_EQ(Lines("serverspace_project_balance_threshold"), "");

  AddProject("a", "a.example.com");
  options_.projects[0].facts.thresholds = {
      {"warning", "", Money::FromMicros(50'000'000)}};
  ExporterOptions options = TakeOptions();
  for (ActiveCollector& collector : options.collectors)
    collector.interval = 10s;
  exporter_->Apply(std::move(options));
  EXPECT_EQ(Lines("serverspace_project_balance_threshold"),
            "serverspace_project_balance_threshold"
            "{project=\"a\",severity=\"warning\"} 50\n");
  EXPECT_EQ(Lines("serverspace_collector_interval_seconds"),
            "serverspace_collector_interval_seconds"
            "{project=\"a\",collector=\"project\"} 10\n"
            "serverspace_collector_interval_seconds"
            "{project=\"a\",collector=\"servers\"} 10\n");
  Pass(10s, 1s);
  EXPECT_EQ(Requests("a.example.com", "project"), 2);
}

TEST_F(ExporterApplyTest, StaysReadyAndAppliesWithoutAProject) {
  AddProject("a");
  Start();
  Pass(1s);
  ASSERT_TRUE(exporter_->IsReady());
  Apply();
  EXPECT_TRUE(exporter_->IsReady());
  EXPECT_EQ(About("a"), "");
  AddProject("b");
  transport_.Use([&](const auto& request) { return transport_.Hang(request); });
  Apply();
  clock_.AwaitWaiters(threads_);
  EXPECT_TRUE(exporter_->IsReady());
  exporter_->Stop();
}

TEST_F(ExporterApplyTest, AppliesBeforeTheStart) {
  AddProject("a");
  Make();
  AddProject("b");
  EXPECT_EQ(Apply().added, 1U);
  exporter_->Start();
  Pass(1s);
  EXPECT_EQ(Lines("serverspace_up"), "serverspace_up{project=\"b\"} 1\n");
}

/// Real time and threads: readers, housekeeping, runs and changes at once.
TEST(ExporterApplyStressTest, ShowsTheOldProjectsOrTheNewOnes) {
  SystemClock clock;
  Random random(3);
  RecordingLog log;
  MemoryState store;
  FakeTransport transport(clock);
  const auto make_options = [](int generation) {
    ExporterOptions options;
    options.publish_interval = 1ms;
    options.self_interval = 1ms;
    for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
      if (row.presence != collectors::Presence::kCore) continue;
      options.collectors.push_back({.name = std::string(row.name),
                                    .collector = row.make(),
                                    .presence = row.presence,
                                    .interval = 1ms,
                                    .stale_after = 600s});
    }
    // One stays, five come and go together.
    for (int i = 0; i < 6; ++i) {
      const std::string name =
          i == 0 ? "stays" : (generation % 2 == 0 ? "even" : "odd");
      options.projects.push_back(
          {.facts = {.name = name + std::to_string(i),
                     .thresholds = {},
                     .api_key_expires = {}},
           .base_url = {.host = "api.example.com", .port = 443, .path = ""},
           .key = {.file = "",
                   .key = Secret("l5-" + std::to_string(generation % 3))}});
    }
    return options;
  };
  Exporter exporter(make_options(0), {.transport = transport,
                                      .store = store,
                                      .clock = clock,
                                      .random = random,
                                      .log = log});
  exporter.Start();
  std::atomic<int> faults = 0;
  std::atomic<int> reads = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const std::string page = PageText(*exporter.page());
          const bool even = page.find("\"even") != std::string::npos;
          const bool odd = page.find("\"odd") != std::string::npos;
          if (even == odd) ++faults;
          if (page.find("\"stays0\"") == std::string::npos) ++faults;
          const auto names = exporter.ProjectNames();
          if (names.size() != 6 ||
              names.contains("even1") == names.contains("odd1"))
            ++faults;
          if (exporter.GetStatus().projects.size() != 6) ++faults;
          ++reads;
        }
      });
    }
    for (int generation = 1; generation <= 200; ++generation) {
      exporter.Apply(make_options(generation));
      exporter.Refresh();
    }
    while (reads < 100) std::this_thread::yield();
  }
  exporter.Stop();
  EXPECT_EQ(faults, 0);
  EXPECT_TRUE(log.Lines("error").empty());
}

}  // namespace
}  // namespace serverspace::exporter
