#include "exporter/exporter.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/registry.h"
#include "exporter/exporter_fixture.h"
#include "exporter/fake_collector.h"
#include "exporter/fake_state_store.h"
#include "exporter/fake_transport.h"
#include "exporter/page_text.h"

namespace serverspace::exporter {
namespace {

constexpr metrics::Desc kOwn = {
    "serverspace_own", metrics::Type::kGauge, "Own.", {}};

TEST_F(ExporterTest, HasAPageBeforeAnyAnswer) {
  AddProject("prod");
  transport_.Use([&](const auto& request) { return transport_.Hang(request); });
  Start();
  EXPECT_EQ(Lines("serverspace_exporter_build_info"),
            "serverspace_exporter_build_info"
            "{version=\"1.2.3\",revision=\"abc\",compiler=\"g++\"} 1\n");
  EXPECT_EQ(Lines("serverspace_exporter_projects"),
            "serverspace_exporter_projects 1\n");
  EXPECT_NE(Lines("process_start_time_seconds"), "");
  EXPECT_EQ(Lines("serverspace_collector_errors_total{project=\"prod\","
                  "collector=\"servers\",reason=\"timeout\"}"),
            "serverspace_collector_errors_total{project=\"prod\","
            "collector=\"servers\",reason=\"timeout\"} 0\n");
  EXPECT_EQ(Lines("serverspace_api_circuit_open"),
            "serverspace_api_circuit_open{host=\"api.example.com\"} 0\n");
  EXPECT_EQ(Lines("serverspace_up"), "");
  EXPECT_EQ(Lines("serverspace_servers"), "");
}

TEST_F(ExporterTest, ServesWhatTheProjectsSay) {
  AddProject("a");
  AddProject("b");
  Start();
  Pass(1s);
  EXPECT_EQ(
      Lines("serverspace_up"),
      "serverspace_up{project=\"a\"} 1\nserverspace_up{project=\"b\"} 1\n");
  EXPECT_EQ(
      Lines("serverspace_project_balance{"),
      "serverspace_project_balance{project=\"a\",currency=\"USD\"} 318.07\n"
      "serverspace_project_balance{project=\"b\",currency=\"USD\"} "
      "318.07\n");
  EXPECT_EQ(Lines("serverspace_project_spend_total{project=\"a\""),
            "serverspace_project_spend_total"
            "{project=\"a\",currency=\"USD\"} 0\n");
  EXPECT_EQ(Lines("serverspace_servers"),
            "serverspace_servers{project=\"a\"} 1\n"
            "serverspace_servers{project=\"b\"} 1\n");
}

TEST_F(ExporterTest, IsReadyOnceAllThatMattersWasAttemptedAndIsOnThePage) {
  AddProject("a");
  AddProject("b");
  std::atomic<bool> open = false;
  transport_.Use([&](const http::Request& request) {
    if (request.path.ends_with("/servers") && !open)
      return transport_.Hang(request);
    return FakeTransport::Ok(request);
  });
  Start();
  // The hanging requests wait on the clock too, so all threads rest.
  Pass(2s);
  EXPECT_FALSE(exporter_->IsReady());
  EXPECT_EQ(
      Lines("serverspace_up"),
      "serverspace_up{project=\"a\"} 1\nserverspace_up{project=\"b\"} 1\n");
  open = true;
  // The first attempt times out after 20 s, the next one is answered.
  for (int i = 0; i < 29 * 20 && !exporter_->IsReady(); ++i) Pass(50ms);
  ASSERT_TRUE(exporter_->IsReady());
  EXPECT_LT(clock_.Mono() - MonoTime(1h), 30s);
  EXPECT_EQ(Lines("serverspace_servers"),
            "serverspace_servers{project=\"a\"} 1\n"
            "serverspace_servers{project=\"b\"} 1\n");
  EXPECT_EQ(log_.Lines("info ready").size(), 1U);
  exporter_->Stop();
}

TEST_F(ExporterTest, IsReadyWhenEveryAttemptFailed) {
  AddProject("prod");
  transport_.Use([](const auto&) { return FakeTransport::Status(401); });
  Start();
  Pass(1s);
  EXPECT_TRUE(exporter_->IsReady());
  EXPECT_EQ(Lines("serverspace_up"), "serverspace_up{project=\"prod\"} 0\n");
  EXPECT_EQ(Lines("serverspace_collector_errors_total{project=\"prod\","
                  "collector=\"project\",reason=\"auth\"}"),
            "serverspace_collector_errors_total{project=\"prod\","
            "collector=\"project\",reason=\"auth\"} 1\n");
}

TEST_F(ExporterTest, IsReadyHalfAMinuteAfterTheStartAtTheLatest) {
  AddProject("prod");
  // Silence beyond all bounds of an attempt that ends within the half minute.
  options_.attempt_timeout = 45s;
  transport_.Use([&](const auto& request) { return transport_.Hang(request); });
  Start();
  Pass(29s + 950ms);
  EXPECT_FALSE(exporter_->IsReady());
  Pass(100ms);
  EXPECT_TRUE(exporter_->IsReady());
}

TEST_F(ExporterTest, IsNeverUnreadyAgain) {
  AddProject("prod");
  Start();
  Pass(1s);
  ASSERT_TRUE(exporter_->IsReady());
  transport_.Use([](const auto&) { return FakeTransport::Status(500); });
  Pass(15min, 1s);
  EXPECT_TRUE(exporter_->IsReady());
  EXPECT_TRUE(exporter_->IsHealthy());
  EXPECT_EQ(Lines("serverspace_up"), "serverspace_up{project=\"prod\"} 0\n");
  EXPECT_EQ(Lines("serverspace_servers"), "");
  EXPECT_NE(Lines("serverspace_project_spend_total"), "");
}

TEST_F(ExporterTest, IsReadyAtOnceWithoutProjects) {
  Start();
  Pass(100ms);
  EXPECT_TRUE(exporter_->IsReady());
  EXPECT_EQ(Lines("serverspace_exporter_projects"),
            "serverspace_exporter_projects 0\n");
}

TEST_F(ExporterTest, DropsWhatAProjectNoLongerHas) {
  AddProject("prod");
  Start();
  Pass(1s);
  EXPECT_NE(Lines("serverspace_server_info"), "");
  transport_.Use([](const http::Request& request) {
    return request.path.ends_with("/servers")
               ? FakeTransport::Body(R"({"servers":[]})")
               : FakeTransport::Ok(request);
  });
  Pass(70s, 1s);
  EXPECT_EQ(Lines("serverspace_server_info"), "");
  EXPECT_EQ(Lines("serverspace_servers"),
            "serverspace_servers{project=\"prod\"} 0\n");
}

TEST_F(ExporterTest, ReadsAllAnewOnceTheKeyIsOfAnotherProject) {
  std::atomic<int> id = 1;
  std::atomic<int> reads = 0;
  const auto rows = collectors::AllCollectors();
  const auto row =
      std::ranges::find(rows, "ssh_keys", &collectors::CollectorRow::name);
  options_.collectors.push_back({.name = std::string(row->name),
                                 .collector = row->make(),
                                 .presence = row->presence,
                                 .interval = 1h,
                                 .stale_after = 3h});
  AddProject("a");
  transport_.Use([&](const http::Request& request) {
    if (request.path.ends_with("/servers")) return FakeTransport::Ok(request);
    if (request.path.ends_with("/ssh-keys")) {
      ++reads;
      return FakeTransport::Body(R"({"ssh_keys":[{"id":)" +
                                 std::to_string(id * 10) + "}]}");
    }
    return FakeTransport::Body(R"({"project":{"id":)" + std::to_string(id) +
                               R"(,"balance":1,"currency":"USD"}})");
  });
  Start();
  Pass(1s);
  EXPECT_EQ(Lines("serverspace_ssh_key_info"),
            "serverspace_ssh_key_info"
            "{project=\"a\",ssh_key_id=\"10\",name=\"\"} 1\n");
  id = 2;
  Pass(70s, 1s);
  EXPECT_EQ(Lines("serverspace_ssh_key_info"),
            "serverspace_ssh_key_info"
            "{project=\"a\",ssh_key_id=\"20\",name=\"\"} 1\n");
  EXPECT_EQ(reads, 2);
}

TEST_F(ExporterTest, LetsNoHangingProjectBlankAnother) {
  AddProject("good");
  AddProject("hangs", "slow.example.com");
  transport_.Use([&](const http::Request& request) {
    return request.base.host == "slow.example.com" ? transport_.Hang(request)
                                                   : FakeTransport::Ok(request);
  });
  Start();
  Pass(10min, 1s);
  EXPECT_EQ(Lines("serverspace_up"),
            "serverspace_up{project=\"good\"} 1\n"
            "serverspace_up{project=\"hangs\"} 0\n");
  EXPECT_EQ(Lines("serverspace_servers"),
            "serverspace_servers{project=\"good\"} 1\n");
  const std::string last = Lines(
      "serverspace_collector_last_success_timestamp_seconds"
      "{project=\"good\",collector=\"servers\"} ");
  ASSERT_NE(last, "");
  const double at = std::stod(last.substr(last.find("} ") + 2));
  EXPECT_GE(at, UnixSeconds(clock_.Wall()) - 65);
}

TEST_F(ExporterTest, KeepsSecretsOutOfLogsAndPages) {
  AddProject("prod");
  transport_.Use([](const http::Request& request) {
    EXPECT_EQ(request.api_key.Reveal(), kKey);
    return FakeTransport::Status(request.path.ends_with("/project") ? 401 : 200,
                                 R"({"servers": "root password is hunter-two)");
  });
  Start();
  Pass(1s);
  EXPECT_FALSE(log_.Lines("warn").empty());
  for (const std::string_view secret : {kKey, std::string_view("hunter-two")}) {
    EXPECT_FALSE(log_.Mentions(secret));
    EXPECT_EQ(Page().find(secret), std::string::npos);
    for (const ProjectStatus& project : exporter_->GetStatus().projects) {
      for (const CollectorStatus& collector : project.collectors) {
        EXPECT_NE(collector.state.last_error, "");
        EXPECT_EQ(collector.state.last_error.find(secret), std::string::npos);
      }
    }
  }
}

TEST_F(ExporterTest, StopsWhileTheApiHangs) {
  AddProject("prod");
  transport_.Use([&](const auto& request) { return transport_.Hang(request); });
  Start();
  clock_.AwaitWaiters(threads_);
  exporter_->Stop();
  EXPECT_FALSE(exporter_->IsReady());
  EXPECT_TRUE(log_.Lines("warn").empty());
  EXPECT_EQ(Lines("serverspace_up"), "");
}

TEST_F(ExporterTest, StopsTwiceAndWithoutAStart) {
  AddProject("prod");
  Make().Stop();
  exporter_->Start();
  exporter_->Stop();
  exporter_->Stop();
}

TEST_F(ExporterTest, IsUnhealthyWhenARunDoesNotEnd) {
  AddProject("prod");
  std::latch stuck(1);
  std::latch entered(2);
  transport_.Use([&](const http::Request& request) {
    entered.count_down();
    stuck.wait();
    return FakeTransport::Ok(request);
  });
  Start();
  entered.wait();
  EXPECT_TRUE(exporter_->IsHealthy());
  clock_.Advance(91s);
  EXPECT_FALSE(exporter_->IsHealthy());
  stuck.count_down();
  Pass(1s);
  EXPECT_TRUE(exporter_->IsHealthy());
  exporter_->Stop();
}

TEST_F(ExporterTest, RefreshesWhatItTellsOfItself) {
  Make();
  std::atomic<int> value = 0;
  exporter_->AddSelfSource(
      [&](metrics::SampleSet& out) { out.Add(kOwn, {}, ++value); });
  exporter_->Start();
  EXPECT_EQ(Lines("serverspace_own"), "serverspace_own 1\n");
  Pass(7s);
  EXPECT_EQ(Lines("serverspace_own"), "serverspace_own 2\n");
  exporter_->Stop();
}

TEST_F(ExporterTest, NamesItsProjectsAndCollectors) {
  AddProject("b");
  AddProject("a");
  Make();
  EXPECT_EQ(exporter_->ProjectNames(), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(exporter_->CollectorNames(),
            (std::set<std::string>{"project", "servers", "tasks"}));
}

TEST_F(ExporterTest, TellsPeopleHowThingsStand) {
  AddProject("prod");
  Start();
  Pass(1s);
  const Status status = exporter_->GetStatus();
  EXPECT_EQ(status.now, clock_.Wall());
  EXPECT_EQ(status.now_mono, clock_.Mono());
  ASSERT_EQ(status.projects.size(), 1U);
  EXPECT_EQ(status.projects[0].name, "prod");
  ASSERT_TRUE(status.projects[0].money);
  EXPECT_EQ(status.projects[0].money->balance, Money::FromMicros(318'070'000));
  ASSERT_TRUE(status.projects[0].servers_by_state);
  EXPECT_EQ(*status.projects[0].servers_by_state,
            (std::map<std::string, std::size_t>{{"active", 1}}));
}

TEST_F(ExporterTest, RunsTheCoreOfAllProjectsFirst) {
  AddProject("a");
  AddProject("b");
  std::mutex mutex;
  std::vector<std::string> order;
  const FakeCollector::Action action = [&](const collectors::Run&,
                                           metrics::SampleSet&) {
    std::lock_guard lock(mutex);
    order.push_back("optional");
    return Result<void>();
  };
  options_.collectors.push_back(
      {.name = "affinity_groups",
       .collector = std::make_unique<FakeCollector>(action),
       .presence = collectors::Presence::kOn,
       .interval = 60s,
       .stale_after = 600s});
  std::latch all(4);
  transport_.Use([&](const http::Request& request) {
    {
      std::lock_guard lock(mutex);
      order.push_back("core");
    }
    all.arrive_and_wait();
    return FakeTransport::Ok(request);
  });
  Start();
  Pass(1s);
  ASSERT_EQ(order.size(), 6U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(order[i], "core");
  exporter_->Stop();
}

TEST_F(ExporterTest, RunsOnceAndPublishesAllOfIt) {
  AddProject("good");
  AddProject("bad", "b.example.com");
  transport_.Use([](const http::Request& request) {
    return request.base.host == "b.example.com" ? FakeTransport::Status(401)
                                                : FakeTransport::Ok(request);
  });
  Make().RunOnce(1min);
  EXPECT_EQ(Lines("serverspace_up"),
            "serverspace_up{project=\"bad\"} 0\n"
            "serverspace_up{project=\"good\"} 1\n");
  EXPECT_EQ(Lines("serverspace_servers{"),
            "serverspace_servers{project=\"good\"} 1\n");
  EXPECT_EQ(Lines("serverspace_api_requests_total{route=\"/servers\",code="
                  "\"200\"}"),
            "serverspace_api_requests_total{route=\"/servers\",code=\"200\"} "
            "1\n");
  EXPECT_EQ(Lines("process_"), "");
  EXPECT_EQ(Lines("# HELP process_"), "");
}

TEST_F(ExporterTest, ReadsTheServersBeforeWhatIsReadPerServerWhenItRunsOnce) {
  std::mutex mutex;
  std::vector<std::string> order;
  const auto note = [&](std::string what) {
    std::lock_guard lock(mutex);
    order.push_back(std::move(what));
  };
  const FakeCollector::Action extra = [&](const collectors::Run& run,
                                          metrics::SampleSet&) {
    EXPECT_TRUE(run.inventory.servers());
    note("extra");
    return Result<void>();
  };
  options_.collectors.push_back(
      {.name = "extra",
       .collector = std::make_unique<FakeCollector>(extra),
       .presence = collectors::Presence::kOn,
       .interval = 60s,
       .stale_after = 600s});
  AddProject("a");
  Make().RunOnce(1min);
  EXPECT_EQ(order, std::vector<std::string>{"extra"});
}

TEST_F(ExporterTest, EndsARunOfAllAtItsLimit) {
  for (int i = 0; i < 40; ++i) AddProject("p" + std::to_string(i));
  // How many wait at a time depends on the admission, so this clock is the true
  // one.
  SystemClock clock;
  FakeTransport silent(clock);
  silent.Use([&](const auto& request) { return silent.Hang(request); });
  AddCore();
  Exporter exporter(std::move(options_), {.transport = silent,
                                          .store = store_,
                                          .clock = clock,
                                          .random = random_,
                                          .log = log_});
  const MonoTime started = clock.Mono();
  exporter.RunOnce(200ms);
  // Far less than the 20 s that an attempt may take.
  EXPECT_LT(clock.Mono() - started, 10s);
  const std::string up = LinesOf(PageText(*exporter.page()), "serverspace_up");
  EXPECT_EQ(std::ranges::count(up, '\n'), 40);
  EXPECT_EQ(up.find("} 1\n"), std::string::npos);
}

TEST_F(ExporterTest, CanBeReadByManyWhileItWorks) {
  AddProject("prod");
  Start();
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          EXPECT_NE(Page(), "");
          exporter_->GetStatus();
          exporter_->IsHealthy();
          exporter_->IsReady();
        }
      });
    }
    Pass(30s, 1s);
  }
  EXPECT_TRUE(exporter_->IsReady());
}

}  // namespace
}  // namespace serverspace::exporter
