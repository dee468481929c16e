#include "exporter/poller.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

/// A door that jobs wait behind.
class Gate {
 public:
  /// False if `stop` came first.
  bool Pass(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    return changed_.wait(lock, std::move(stop), [this] { return open_; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void AwaitArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  int arrivals() {
    std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;  // guards the rest
  std::condition_variable_any changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class PollerTest : public testing::Test {
 protected:
  void Make(const api::Admission::Limits& limits = {}) {
    poller_ = std::make_unique<Poller>(clock_, random_, limits);
    poller_->admission().AddProject("prod", "a.example.com");
  }
  void Add(std::string project, Duration interval, Poller::Run run) {
    jobs_.push_back({.project = std::move(project),
                     .name = std::to_string(jobs_.size()),
                     .interval = interval,
                     .run = std::move(run)});
  }
  void Start(int threads) {
    poller_->SetJobs(jobs_);
    threads_ = threads;
    poller_->Start(static_cast<std::size_t>(threads));
  }
  /// Until all that is due was done.
  void Settle(int busy = 0) { clock_.AwaitWaiters(threads_ - busy); }
  void Advance(Duration step, int busy = 0) {
    clock_.Advance(step);
    Settle(busy);
  }

  FakeClock clock_;
  Random random_{42};
  Gate gate_;
  std::unique_ptr<Poller> poller_;
  std::vector<Poller::Job> jobs_;
  int threads_ = 0;
};

TEST_F(PollerTest, RunsEverythingAtOnceInTheFirstPass) {
  Make();
  std::atomic<int> runs = 0;
  for (int i = 0; i < 20; ++i) {
    Add("prod", 1min, [&](const std::stop_token&) {
      ++runs;
      return Duration(1min);
    });
  }
  Start(3);
  Settle();
  EXPECT_EQ(runs, 20);
}

TEST_F(PollerTest, RunsAJobSoonWhenAsked) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1h, [&](const std::stop_token&) {
    ++runs;
    return Duration(1h);
  });
  Start(2);
  Settle();
  ASSERT_EQ(runs, 1);
  poller_->RunSoon("prod", "0");
  poller_->RunSoon("prod", "unknown");
  poller_->RunSoon("unknown", "0");
  // Those that were woken count as waiting until the clock moves.
  Advance(1ns);
  EXPECT_EQ(runs, 2);
  Advance(50min);
  EXPECT_EQ(runs, 2);
}

TEST_F(PollerTest, RunsAJobOnceMoreThatIsInARunWhenAsked) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1h, [&](const std::stop_token& stop) {
    if (++runs == 1) gate_.Pass(stop);
    return Duration(1h);
  });
  Start(1);
  gate_.AwaitArrivals(1);
  poller_->RunSoon("prod", "0");
  gate_.Open();
  Settle();
  Advance(1ns);
  EXPECT_EQ(runs, 2);
}

TEST_F(PollerTest, RunsEachJobOnceWhenAskedForThat) {
  Make();
  std::atomic<int> runs = 0;
  const auto run_once = [&](int jobs) {
    for (int i = 0; i < jobs; ++i) {
      Add("prod", 1min, [&](const std::stop_token&) {
        ++runs;
        return Duration::zero();
      });
    }
    poller_->SetJobs(std::exchange(jobs_, {}));
    poller_->RunOnce(3);
  };
  run_once(20);
  EXPECT_EQ(runs, 20);
  run_once(0);
  EXPECT_EQ(runs, 20);
  run_once(5);
  EXPECT_EQ(runs, 25);
}

TEST_F(PollerTest, KeepsToIntervalsWithinTheBoundsOfTheJitter) {
  Make();
  std::array<std::vector<MonoTime>, 40> starts;
  for (auto& own : starts) {
    Add("prod", 100s, [&](const std::stop_token&) {
      own.push_back(clock_.Mono());
      return Duration(100s);
    });
  }
  Start(1);
  Settle();
  for (int second = 0; second < 1000; ++second) Advance(1s);
  poller_->Stop();

  std::set<MonoTime> second_runs;
  std::set<Duration> gaps;
  for (const auto& own : starts) {
    ASSERT_GE(own.size(), 9U);
    // The runs of the first pass are spread over the second half of an
    // interval.
    EXPECT_GE(own[1] - own[0], 50s);
    EXPECT_LE(own[1] - own[0], 101s);
    second_runs.insert(own[1]);
    for (std::size_t i = 2; i < own.size(); ++i) {
      // 5 % to both sides, and the second of this test's steps.
      EXPECT_GE(own[i] - own[i - 1], 94s);
      EXPECT_LE(own[i] - own[i - 1], 106s);
      gaps.insert(own[i] - own[i - 1]);
    }
  }
  EXPECT_GT(second_runs.size(), 15U);
  EXPECT_GT(gaps.size(), 5U);
}

TEST_F(PollerTest, WaitsAsLongAsTheJobAnswers) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1min, [&](const std::stop_token&) {
    ++runs;
    return Duration(1h);
  });
  Start(1);
  Settle();
  Advance(29min);
  EXPECT_EQ(runs, 1);
  for (int minute = 29; minute < 60 && runs == 1; ++minute) Advance(1min);
  EXPECT_EQ(runs, 2);
  Advance(56min);
  EXPECT_EQ(runs, 2);
  Advance(8min);
  EXPECT_EQ(runs, 3);
}

TEST_F(PollerTest, NeverRunsAJobTwiceAtATime) {
  Make();
  Add("prod", 1min, [&](const std::stop_token& stop) {
    gate_.Pass(stop);
    return Duration(1min);
  });
  Start(4);
  gate_.AwaitArrivals(1);
  for (int i = 0; i < 10; ++i) Advance(1min, 1);
  EXPECT_EQ(gate_.arrivals(), 1);
  // What was missed is not made up for: one run at once, and then the interval.
  gate_.Open();
  Settle();
  EXPECT_EQ(gate_.arrivals(), 2);
  Advance(50s);
  EXPECT_EQ(gate_.arrivals(), 2);
  Advance(14s);
  EXPECT_EQ(gate_.arrivals(), 3);
}

TEST_F(PollerTest, LetsNoHangingProjectDelayTheOthers) {
  Make({.per_project = 2, .per_host = 16, .slow_per_host = 4});
  poller_->admission().AddProject("hangs", "a.example.com");
  for (int i = 0; i < 10; ++i) {
    Add("hangs", 1min, [&](const std::stop_token& stop) {
      gate_.Pass(stop);
      return Duration(1min);
    });
  }
  std::atomic<int> runs = 0;
  for (int i = 0; i < 5; ++i) {
    Add("prod", 1min, [&](const std::stop_token&) {
      ++runs;
      return Duration(1min);
    });
  }
  Start(3);
  gate_.AwaitArrivals(2);
  Settle(2);
  EXPECT_EQ(runs, 5);
  Advance(1min, 2);
  EXPECT_EQ(runs, 10);
  EXPECT_EQ(gate_.arrivals(), 2);
}

TEST_F(PollerTest, StartsWhatWasRefusedAsSoonAsASlotIsFree) {
  Make({.per_project = 1, .per_host = 1, .slow_per_host = 1});
  std::atomic<int> runs = 0;
  Add("prod", 1min, [&](const std::stop_token& stop) {
    gate_.Pass(stop);
    return Duration(1min);
  });
  Add("prod", 1min, [&](const std::stop_token&) {
    ++runs;
    return Duration(1min);
  });
  Start(2);
  gate_.AwaitArrivals(1);
  Settle(1);
  EXPECT_EQ(runs, 0);
  gate_.Open();
  Settle();
  EXPECT_EQ(runs, 1);
}

TEST_F(PollerTest, ServesHostsInTheOrderInWhichRunsBecameDue) {
  Make();
  poller_->admission().AddProject("z", "z.example.com");
  std::string order;
  for (const char* project : {"z", "prod", "z", "prod"}) {
    Add(project, 1min, [&, project](const std::stop_token&) {
      order += project;
      order += ' ';
      return Duration(1min);
    });
  }
  Start(1);
  Settle();
  EXPECT_EQ(order, "z prod z prod ");
}

TEST_F(PollerTest, RunsWhatIsWantedMoreOftenFirst) {
  Make();
  std::string order;
  const auto add = [&](Duration interval, const std::string& name) {
    Add("prod", interval, [&order, interval, name](const std::stop_token&) {
      order += name + ' ';
      return interval;
    });
  };
  add(1h, "hour");
  add(1min, "minute");
  add(1h, "other");
  Start(1);
  Settle();
  EXPECT_EQ(order, "minute hour other ");
}

TEST_F(PollerTest, GivesWhatIsSeldomWantedItsTurnWithinMinutes) {
  Make();
  std::string order;
  // Takes longer than its interval, so it is due again when it ends.
  int runs = 0;
  Add("prod", 1min, [&](const std::stop_token&) {
    order += "minute ";
    if (runs++ < 12) clock_.Advance(70s);
    return Duration(1min);
  });
  Add("prod", 6h, [&](const std::stop_token&) {
    order += "seldom ";
    return Duration(6h);
  });
  Start(1);
  Settle();
  EXPECT_EQ(order.find("seldom"), 8 * std::string_view("minute ").size())
      << order;
}

TEST_F(PollerTest, KeepsRunningShortJobsWhileLongOnesLast) {
  Make();
  std::atomic<int> long_runs = 0;
  std::atomic<int> short_runs = 0;
  for (int i = 0; i < 2; ++i) {
    Add("prod", 15min, [&](const std::stop_token& stop) {
      ++long_runs;
      gate_.Pass(stop);
      return Duration(15min);
    });
    jobs_.back().kind = api::RunKind::kLong;
  }
  Add("prod", 1min, [&](const std::stop_token&) {
    ++short_runs;
    return Duration(1min);
  });
  Start(2);
  gate_.AwaitArrivals(1);
  Settle(1);
  EXPECT_EQ(short_runs, 1);
  for (int minute = 0; minute < 9; ++minute) Advance(64s, 1);
  EXPECT_GE(short_runs, 8);
  EXPECT_EQ(long_runs, 1);
  gate_.Open();
  Settle();
  EXPECT_EQ(long_runs, 2);
}

TEST_F(PollerTest, GoesOnAfterAJobThatThrows) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1min, [&](const std::stop_token&) -> Duration {
    if (++runs == 1) throw 1;
    throw std::runtime_error("a fault of ours");
  });
  Start(1);
  Settle();
  EXPECT_EQ(runs, 1);
  Advance(1min);
  EXPECT_EQ(runs, 2);
  Advance(64s);
  EXPECT_EQ(runs, 3);
}

TEST_F(PollerTest, StopsWhileRunsHang) {
  Make();
  std::atomic<int> stopped = 0;
  for (int i = 0; i < 2; ++i) {
    Add("prod", 1min, [&](const std::stop_token& stop) {
      if (!gate_.Pass(stop)) ++stopped;
      return Duration(1min);
    });
  }
  Start(3);
  gate_.AwaitArrivals(2);
  poller_->Stop();
  EXPECT_EQ(stopped, 2);
}

TEST_F(PollerTest, StartsNothingAfterTheStop) {
  Make({.per_project = 1, .per_host = 1, .slow_per_host = 1});
  for (int i = 0; i < 3; ++i) {
    Add("prod", 1min, [&](const std::stop_token& stop) {
      gate_.Pass(stop);
      return Duration(1min);
    });
  }
  Start(2);
  gate_.AwaitArrivals(1);
  poller_->Stop();
  EXPECT_EQ(gate_.arrivals(), 1);
}

TEST_F(PollerTest, CallsARunStalledHalfAMinuteAfterItsInterval) {
  Make();
  Add("prod", 1min, [&](const std::stop_token& stop) {
    gate_.Pass(stop);
    return Duration(1min);
  });
  EXPECT_FALSE(poller_->IsStalled());
  Start(2);
  gate_.AwaitArrivals(1);
  Advance(90s, 1);
  EXPECT_FALSE(poller_->IsStalled());
  Advance(1ns, 1);
  EXPECT_TRUE(poller_->IsStalled());
  gate_.Open();
  Settle();
  EXPECT_FALSE(poller_->IsStalled());
}

/// A clock whose waits hear of nothing but the stop.
class DeafClock final : public Clock {
 public:
  WallTime Wall() const override { return clock_.Wall(); }
  MonoTime Mono() const override { return clock_.Mono(); }
  void Wait(std::condition_variable_any& changed,
            std::unique_lock<std::mutex>& lock, std::stop_token stop,
            MonoTime /*deadline*/) override {
    ++waiting_;
    changed.wait(lock, std::move(stop), [] { return false; });
  }
  void Advance(Duration step) { clock_.Advance(step); }
  /// The pollers' mutex orders what follows after it.
  int waiting() const { return waiting_; }

 private:
  FakeClock clock_;
  std::atomic<int> waiting_ = 0;
};

TEST(PollerStallTest, SeesThatNobodyTakesWhatIsDue) {
  DeafClock clock;
  Random random(42);
  Poller poller(clock, random, {});
  poller.admission().AddProject("prod", "a.example.com");
  std::latch ran(1);
  poller.SetJobs({{.project = "prod",
                   .name = "once",
                   .interval = 1min,
                   .run = [&ran](const std::stop_token&) {
                     ran.count_down();
                     return Duration(1min);
                   }}});
  poller.Start(1);
  ran.wait();
  while (clock.waiting() == 0) std::this_thread::yield();
  EXPECT_FALSE(poller.IsStalled());
  // At latest due in a minute.
  clock.Advance(90s);
  clock.Advance(1ns);
  EXPECT_TRUE(poller.IsStalled());
  poller.Stop();
  EXPECT_FALSE(poller.IsStalled()) << "nothing is to be done";
}

TEST(PollerStallTest, SeesThatNobodyIsToldOfAFreeSlot) {
  DeafClock clock;
  Random random(42);
  Poller poller(clock, random, {.per_project = 1});
  poller.admission().AddProject("prod", "a.example.com");
  auto slot = poller.admission().TryAdmit("prod");
  poller.SetJobs(
      {{.project = "prod",
        .name = "waits",
        .interval = 1min,
        .run = [](const std::stop_token&) { return Duration(1min); }}});
  poller.Start(1);
  while (clock.waiting() == 0) std::this_thread::yield();
  clock.Advance(2min);
  EXPECT_FALSE(poller.IsStalled());
  clock.Advance(1ns);
  EXPECT_TRUE(poller.IsStalled());
}

TEST_F(PollerTest, IsNotStalledByAClockThatJumps) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1min, [&](const std::stop_token&) {
    ++runs;
    return Duration(1min);
  });
  Start(1);
  Settle();
  EXPECT_EQ(runs, 1);
  // The calendar, as set by hand: neither a run more nor one less.
  for (const Duration jump : {Duration(24h), Duration(-8760h)}) {
    clock_.JumpWall(jump);
    EXPECT_EQ(runs, 1);
    EXPECT_FALSE(poller_->IsStalled());
  }
  // A machine that slept: the run that was missed and the one after it, but
  // not all five hundred.
  Advance(8h);
  EXPECT_EQ(runs, 3);
  EXPECT_FALSE(poller_->IsStalled());
  Advance(66s);
  EXPECT_EQ(runs, 4);
}

class PollerSetJobsTest : public PollerTest {
 protected:
  /// A job that counts its runs.
  void AddCounted(const std::string& name, Duration interval,
                  bool at_once = false) {
    jobs_.push_back({.project = "prod",
                     .name = name,
                     .interval = interval,
                     .run =
                         [this, name, interval](const std::stop_token&) {
                           std::lock_guard lock(mutex_);
                           ++runs_[name];
                           return interval;
                         },
                     .at_once = at_once});
  }
  /// Stops and goes on with the jobs that were added since.
  void Restart() {
    poller_->Stop();
    Start(1);
    jobs_.clear();
    Settle();
  }
  int Runs(const std::string& name) {
    std::lock_guard lock(mutex_);
    return runs_[name];
  }

  std::mutex mutex_;  // guards runs_
  std::map<std::string, int> runs_;
};

TEST_F(PollerSetJobsTest, KeepsDuesOfWhatStaysAndRunsWhatIsNew) {
  Make();
  AddCounted("stays", 100s);
  AddCounted("goes", 100s);
  Restart();
  for (int i = 0; i < 5; ++i) {
    Advance(9s);
    AddCounted("stays", 100s);
    AddCounted("new", 100s);
    Restart();
  }
  EXPECT_EQ(Runs("stays"), 1);
  EXPECT_EQ(Runs("new"), 1);
  for (int second = 45; second <= 101; ++second) Advance(1s);
  EXPECT_EQ(Runs("stays"), 2);
  EXPECT_EQ(Runs("goes"), 1);
}

TEST_F(PollerSetJobsTest, RunsAtOnceWhatMust) {
  Make();
  AddCounted("a", 100s);
  AddCounted("b", 100s);
  Restart();
  AddCounted("a", 100s, true);
  AddCounted("b", 100s);
  Restart();
  EXPECT_EQ(Runs("a"), 2);
  EXPECT_EQ(Runs("b"), 1);
}

TEST_F(PollerSetJobsTest, BringsForwardWhatHasAShorterInterval) {
  Make();
  AddCounted("shorter", 24h);
  AddCounted("longer", 60s);
  Restart();
  AddCounted("shorter", 60s);
  AddCounted("longer", 24h);
  Restart();
  EXPECT_EQ(Runs("shorter"), 1);
  for (int second = 0; second <= 60; ++second) Advance(1s);
  EXPECT_EQ(Runs("shorter"), 2);
  EXPECT_EQ(Runs("longer"), 2);
  for (int minute = 0; minute <= 60; ++minute) Advance(1min);
  EXPECT_EQ(Runs("longer"), 2);
}

TEST_F(PollerSetJobsTest, RunsAgainWhatTheStopCutShort) {
  Make({.per_project = 1, .per_host = 1, .slow_per_host = 1});
  std::atomic<int> cut = 0;
  Add("prod", 1h, [&](const std::stop_token& stop) -> std::optional<Duration> {
    if (gate_.Pass(stop)) return 1h;
    ++cut;
    return std::nullopt;
  });
  Start(2);
  gate_.AwaitArrivals(1);
  poller_->Stop();
  EXPECT_EQ(cut, 1);
  Start(2);
  gate_.AwaitArrivals(2);
  gate_.Open();
  Settle();
  Advance(1min);
  EXPECT_EQ(gate_.arrivals(), 2);
}

TEST_F(PollerSetJobsTest, CountsARunThatEndedDespiteTheStop) {
  Make();
  Add("prod", 1h, [&](const std::stop_token& stop) {
    gate_.Pass(stop);
    return Duration(1h);
  });
  Start(2);
  gate_.AwaitArrivals(1);
  poller_->Stop();
  Start(2);
  Settle();
  EXPECT_EQ(gate_.arrivals(), 1);
}

TEST_F(PollerSetJobsTest, PausesAfterARunThatGivesUpByItself) {
  Make();
  std::atomic<int> runs = 0;
  Add("prod", 1min, [&](const std::stop_token&) -> std::optional<Duration> {
    ++runs;
    return std::nullopt;
  });
  Start(1);
  Settle();
  EXPECT_EQ(runs, 1);
  Advance(1min);
  EXPECT_EQ(runs, 2);
}

TEST_F(PollerTest, HasNothingToDoWithoutJobs) {
  Make();
  Start(2);
  Settle();
  Advance(1h);
  EXPECT_FALSE(poller_->IsStalled());
}

TEST(PollerStressTest, KeepsItsPromisesUnderLoad) {
  SystemClock clock;
  Random random(1);
  Poller poller(clock, random, {.per_project = 2, .per_host = 4});
  constexpr int kProjects = 6;
  constexpr int kJobs = 4;
  constexpr int kRuns = 3000;
  std::array<std::atomic<int>, kProjects> in_project{};
  std::array<std::atomic<int>, kProjects * kJobs> in_job{};
  std::atomic<int> faults = 0;
  std::atomic<int> runs = 0;
  std::latch enough(1);
  std::vector<Poller::Job> jobs;
  for (std::size_t project = 0; project < kProjects; ++project) {
    const std::string name = "p" + std::to_string(project);
    poller.admission().AddProject(name, "a.example.com");
    for (std::size_t job = 0; job < kJobs; ++job) {
      jobs.push_back({.project = name,
                      .name = std::to_string(job),
                      .interval = 1ms,
                      .run = [&, project, index = project * kJobs + job](
                                 const std::stop_token&) {
                        if (++in_job[index] > 1) ++faults;
                        if (++in_project[project] > 2) ++faults;
                        --in_project[project];
                        --in_job[index];
                        if (++runs == kRuns) enough.count_down();
                        return Duration(1ms);
                      }});
    }
  }
  poller.SetJobs(std::move(jobs));
  poller.Start(6);
  enough.wait();
  poller.Stop();
  EXPECT_EQ(faults, 0);
}

}  // namespace
}  // namespace serverspace::exporter
