#include "exporter/disk_state.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <thread>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/file.h"
#include "base/recording_log.h"
#include "base/scratch_directory.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

/// Writes real files, unless told to fail, and counts.
class Disk {
 public:
  Result<void> Write(const std::string& path, std::string_view text) {
    ++(path.ends_with(".seen") ? seen_writes : money_writes);
    if (failing) return Error{ErrorCode::kOther, "cannot write: disk full"};
    return WriteFileAtomically(path, text, 0600);
  }

  std::atomic<bool> failing = false;
  std::atomic<int> money_writes = 0;
  std::atomic<int> seen_writes = 0;
};

SeenByKind Servers(std::vector<SeenThing> things) {
  return {{"server",
           std::make_shared<const std::vector<SeenThing>>(std::move(things))}};
}

class DiskStateTest : public testing::Test {
 protected:
  Result<std::unique_ptr<DiskState>> TryOpen() {
    return DiskState::Open(
        path_,
        [this](const std::string& path, std::string_view text) {
          return disk_.Write(path, text);
        },
        clock_, log_);
  }
  DiskState& Open() {
    auto opened = TryOpen();
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    state_ = std::move(opened).value();
    disk_.money_writes = disk_.seen_writes = 0;
    Settle();
    return *state_;
  }
  DiskState& Reopen() {
    state_.reset();
    return Open();
  }
  /// Waits until the writer has nothing to do at this moment.
  void Settle() { clock_.AwaitWaiters(1); }
  void Pass(Duration time) {
    clock_.Advance(time);
    Settle();
  }
  static SavedMoney Spent(std::int64_t micros) {
    return {.project_id = "p1",
            .currency = "USD",
            .first_balance = {},
            .balance = Money::FromMicros(-micros),
            .spend = Money::FromMicros(micros),
            .topup = {}};
  }
  /// Saves, and lets the writer take notice.
  void Save(const std::string& project, std::int64_t micros) {
    state_->SaveMoney(project, Spent(micros),
                      [this, micros] { kept_.push_back(micros); });
    Notice();
  }
  void SaveSeen(const std::string& project, SeenByKind seen) {
    state_->SaveFirstSeen(project, std::move(seen));
    Notice();
  }
  /// A notified waiter counts as waiting until the clock moves, so this moves
  /// it, by less than matters.
  void Notice() { Pass(1ns); }
  std::string Read(const std::string& rest = "") const {
    const auto text = ReadFile(path_ + rest, 1 << 20);
    return text.ok() ? text.value() : "";
  }
  bool Contains(const std::string& rest, std::string_view text) const {
    return Read(rest).find(text) != std::string::npos;
  }

  FakeClock clock_;
  RecordingLog log_;
  Disk disk_;
  ScratchDirectory directory_;
  const std::string path_ = directory_.Path("state.json");
  std::vector<std::int64_t> kept_;  // what was reported as kept
  std::unique_ptr<DiskState> state_;
};

TEST_F(DiskStateTest, BeginsEmptyAndPersistent) {
  Open();
  EXPECT_EQ(state_->LoadMoney("prod"), std::nullopt);
  EXPECT_TRUE(state_->LoadFirstSeen("prod").empty());
  EXPECT_TRUE(state_->stats().persistent);
  EXPECT_EQ(state_->stats().write_errors, 0U);
  EXPECT_EQ(state_->stats().last_write, clock_.Wall());
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(DiskStateTest, RemembersOverARestart) {
  Open();
  Save("prod", 5);
  const SeenThing thing = {"a", "active", WallTime(1s)};
  SaveSeen("prod", Servers({thing}));
  Reopen();
  EXPECT_EQ(state_->LoadMoney("prod"), Spent(5));
  const SeenByKind seen = state_->LoadFirstSeen("prod");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(*seen.at("server"), std::vector{thing});
  EXPECT_EQ(state_->LoadMoney("other"), std::nullopt);
}

TEST_F(DiskStateTest, WritesTheFirstChangeAtOnceAndThenEveryTwoSeconds) {
  Open();
  Save("prod", 1);
  EXPECT_EQ(disk_.money_writes, 1);
  EXPECT_EQ(kept_, std::vector<std::int64_t>{1});
  Save("prod", 2);
  Save("other", 3);
  Save("prod", 4);
  Pass(1900ms);
  EXPECT_EQ(disk_.money_writes, 1);
  EXPECT_EQ(kept_.size(), 1U);
  Pass(100ms);
  EXPECT_EQ(disk_.money_writes, 2);
  EXPECT_EQ(kept_, (std::vector<std::int64_t>{1, 2, 3, 4}));
  Pass(1h);
  EXPECT_EQ(disk_.money_writes, 2);
  Save("prod", 5);
  EXPECT_EQ(disk_.money_writes, 3);
}

TEST_F(DiskStateTest, ReportsAsKeptOnlyWhatIsInTheFile) {
  Open();
  std::vector<bool> found;
  for (const std::int64_t micros : {1111, 2222, 3333}) {
    state_->SaveMoney("prod", Spent(micros), [&, micros] {
      found.push_back(Contains("", "\"spend\":" + std::to_string(micros)));
    });
    Pass(2s);
  }
  EXPECT_EQ(found, (std::vector<bool>{true, true, true}));
}

TEST_F(DiskStateTest, KeepsEachNatureInAFileOfItsOwn) {
  Open();
  Save("prod", 1);
  EXPECT_EQ(disk_.seen_writes, 0);
  SaveSeen("prod", Servers({{"a", "active", WallTime(1s)}}));
  EXPECT_EQ(disk_.seen_writes, 1);
  EXPECT_EQ(disk_.money_writes, 1);
  EXPECT_EQ(directory_.Names(),
            (std::set<std::string>{"state.json", "state.json.seen",
                                   "state.json.lock"}));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms(0600));
}

TEST_F(DiskStateTest, WritesManyTimesOfFirstSightSeldom) {
  Open();
  std::vector<SeenThing> things;
  for (int i = 10'000; i < 60'000; ++i)
    things.push_back({"l1s" + std::to_string(i), "active", clock_.Wall()});
  SaveSeen("prod", Servers(things));
  EXPECT_EQ(disk_.seen_writes, 1);
  const auto size_bytes = std::filesystem::file_size(path_ + ".seen");
  EXPECT_LT(size_bytes, 1'400'000U);
  things[7].state = "busy";
  SaveSeen("prod", Servers(things));
  Pass(std::chrono::seconds(size_bytes / 65536 - 1));
  EXPECT_EQ(disk_.seen_writes, 1);
  // Money does not wait for it.
  Save("prod", 1);
  EXPECT_EQ(disk_.money_writes, 1);
  Pass(3s);
  EXPECT_EQ(disk_.seen_writes, 2);
}

TEST_F(DiskStateTest, WritesWhatIsLeftWhenItEnds) {
  Open();
  Save("prod", 1);
  SaveSeen("prod", Servers({{"a", "active", WallTime(1s)}}));
  Save("prod", 2);
  SaveSeen("prod", Servers({{"a", "busy", WallTime(2s)}}));
  state_.reset();
  EXPECT_EQ(kept_, (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(Contains("", "\"spend\":2"));
  EXPECT_TRUE(Contains(".seen", "\"busy\":{\"a\":2000}"));
}

TEST_F(DiskStateTest, PublishesAllTheSameWhileTheDiskFails) {
  Open();
  disk_.failing = true;
  Save("prod", 1);
  EXPECT_EQ(kept_, std::vector<std::int64_t>{1});
  EXPECT_FALSE(state_->stats().persistent);
  EXPECT_EQ(state_->stats().write_errors, 1U);
  for (int i = 0; i < 5; ++i) Pass(2s);
  EXPECT_EQ(state_->stats().write_errors, 6U);
  Save("prod", 2);
  Pass(2s);
  EXPECT_EQ(kept_, (std::vector<std::int64_t>{1, 2}));
  // One warning, however often it is tried.
  ASSERT_EQ(log_.Lines("warn").size(), 1U);
  EXPECT_TRUE(log_.Mentions("error=cannot write: disk full"));

  disk_.failing = false;
  Pass(2s);
  EXPECT_TRUE(state_->stats().persistent);
  EXPECT_TRUE(Contains("", "\"spend\":2"));
  EXPECT_EQ(log_.Lines("info the state is written again").size(), 1U);
  Pass(1h);
  EXPECT_EQ(log_.Lines().size(), 2U);
}

TEST_F(DiskStateTest, TellsOfTheSameFailureOnceAnHour) {
  Open();
  disk_.failing = true;
  Save("prod", 1);
  for (int i = 0; i < 30; ++i) Pass(2min);
  EXPECT_EQ(log_.Lines("warn").size(), 2U);
  EXPECT_TRUE(log_.Mentions("failures=31"));
}

TEST_F(DiskStateTest, KeepsTheOldFileWhenAWriteFails) {
  Open();
  Save("prod", 1);
  disk_.failing = true;
  Pass(2s);
  Save("prod", 2);
  state_.reset();
  disk_.failing = false;
  Open();
  EXPECT_EQ(state_->LoadMoney("prod"), Spent(1));
}

// The limit of a file's size stands for a full disk: both end a write amid.
TEST_F(DiskStateTest, LosesNothingToADiskThatIsReallyFull) {
  Open();
  Save("prod", 1);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full = {16, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  Pass(2s);
  Save("prod", 2);
  const StateStats stats = state_->stats();
  const std::string meanwhile = Read();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  EXPECT_FALSE(stats.persistent);
  EXPECT_EQ(stats.write_errors, 1U);
  EXPECT_NE(meanwhile.find("\"spend\":1"), std::string::npos);
  EXPECT_TRUE(log_.Mentions("File too large"));
  Pass(2s);
  EXPECT_TRUE(state_->stats().persistent);
  EXPECT_TRUE(Contains("", "\"spend\":2"));
  EXPECT_EQ(directory_.Names().size(), 3U);
}

TEST_F(DiskStateTest, GoesOnWithoutADirectoryUntilThereIsOne) {
  const std::string missing = directory_.Path("missing");
  auto opened = OpenState(missing + "/state.json", clock_, log_);
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(opened.value()->stats().persistent);
  EXPECT_EQ(opened.value()->stats().write_errors, 2U);
  bool kept = false;
  opened.value()->SaveMoney("prod", Spent(1), [&] { kept = true; });
  Settle();
  Pass(2s);
  EXPECT_TRUE(kept);
  EXPECT_TRUE(log_.Mentions("No such file or directory"));

  std::filesystem::create_directory(missing);
  Pass(2s);
  EXPECT_TRUE(opened.value()->stats().persistent);
  EXPECT_TRUE(std::filesystem::exists(missing + "/state.json"));
  EXPECT_TRUE(std::filesystem::exists(missing + "/state.json.lock"));
}

TEST_F(DiskStateTest, HasOneOwner) {
  Open();
  Save("prod", 1);
  const auto second = TryOpen();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "the state file " + path_ +
                " belongs to another exporter that is running: " + path_ +
                ".lock is locked by another process. End that one, or give "
                "this one a state_file of its own");
  Reopen();
  EXPECT_EQ(state_->LoadMoney("prod"), Spent(1));
}

TEST_F(DiskStateTest, MovesAsideWhatIsNotItsOwn) {
  std::ofstream(path_) << R"({"name":"something else"})";
  Open();
  EXPECT_EQ(state_->LoadMoney("prod"), std::nullopt);
  EXPECT_TRUE(state_->stats().persistent);
  EXPECT_TRUE(log_.Mentions("reason=it is not a state file of this program"));
  EXPECT_EQ(Read(".corrupt-20231114T221320Z"), R"({"name":"something else"})");
  Save("prod", 1);
  Reopen();
  EXPECT_EQ(state_->LoadMoney("prod"), Spent(1));
}

TEST_F(DiskStateTest, MovesAsideWhatANewerVersionWrote) {
  const std::string newer =
      R"({"format":"serverspace_exporter money","version":2,"accounts":[]})";
  std::ofstream(path_) << newer;
  Open();
  EXPECT_TRUE(log_.Mentions("was written by a newer version"));
  EXPECT_EQ(Read(".corrupt-20231114T221320Z"), newer);
}

TEST_F(DiskStateTest, LosesOneFileWithoutTheOther) {
  Open();
  Save("prod", 1);
  SaveSeen("prod", Servers({{"a", "active", WallTime(1s)}}));
  state_.reset();
  std::filesystem::resize_file(path_ + ".seen", 20);
  Open();
  EXPECT_EQ(state_->LoadMoney("prod"), Spent(1));
  EXPECT_TRUE(state_->LoadFirstSeen("prod").empty());
  EXPECT_EQ(log_.Lines("error").size(), 1U);
  EXPECT_TRUE(log_.Mentions("file=" + path_ + ".seen"));
}

TEST_F(DiskStateTest, RemembersProjectsThatAreNotConfiguredFor90Days) {
  Open();
  Save("gone", 7);
  for (int i = 0; i < 2; ++i) {
    clock_.Advance(44 * 24h);
    Reopen();
    Save("prod", i);
  }
  Reopen();
  // Being asked for makes it count anew.
  EXPECT_EQ(state_->LoadMoney("gone"), Spent(7));
  Save("prod", 2);
  for (int i = 0; i < 2; ++i) {
    clock_.Advance(46 * 24h);
    Reopen();
    EXPECT_EQ(state_->LoadMoney("prod"), Spent(2 + i));
    Save("prod", 3 + i);
  }
  Reopen();
  EXPECT_EQ(state_->LoadMoney("gone"), std::nullopt);
}

// The machine was off, or the exporter was not installed for a while.
TEST_F(DiskStateTest, ForgetsNothingBeforeItWasAskedForIt) {
  Open();
  constexpr std::size_t kProjects = DiskState::kMaxUnused + 500;
  for (std::size_t i = 0; i < kProjects; ++i)
    state_->SaveMoney("project" + std::to_string(i), Spent(1), [] {});
  Reopen();
  clock_.Advance(1000 * 24h);
  Reopen();
  for (std::size_t i = 0; i < kProjects; ++i)
    ASSERT_TRUE(state_->LoadMoney("project" + std::to_string(i))) << i;
  Save("project0", 2);
  Reopen();
  for (std::size_t i = 0; i < kProjects; ++i)
    ASSERT_TRUE(state_->LoadMoney("project" + std::to_string(i))) << i;
}

TEST_F(DiskStateTest, KeepsWhatIsInUseThoughItNeverChanges) {
  Open();
  Save("quiet", 7);
  Reopen();
  ASSERT_TRUE(state_->LoadMoney("quiet"));
  for (int day = 0; day < 4; ++day) {
    clock_.Advance(50 * 24h);
    Save("prod", day);
  }
  Reopen();
  EXPECT_EQ(state_->LoadMoney("quiet"), Spent(7));
}

TEST_F(DiskStateTest, BoundsTheProjectsThatNobodyAsksFor) {
  Open();
  for (std::size_t i = 0; i < DiskState::kMaxUnused + 5; ++i)
    state_->SaveMoney("old" + std::to_string(i), Spent(1), [] {});
  clock_.Advance(1h);
  Reopen();
  Save("prod", 1);
  Reopen();
  std::size_t remembered = 0;
  for (std::size_t i = 0; i < DiskState::kMaxUnused + 5; ++i)
    if (state_->LoadMoney("old" + std::to_string(i))) ++remembered;
  EXPECT_EQ(remembered, DiskState::kMaxUnused);
  EXPECT_TRUE(state_->LoadMoney("prod"));
}

TEST_F(DiskStateTest, TakesSavesWhileItWrites) {
  SystemClock clock;
  auto state =
      std::move(DiskState::Open(
                    path_,
                    [this](const std::string& path, std::string_view text) {
                      return disk_.Write(path, text);
                    },
                    clock, log_))
          .value();
  std::atomic<int> kept = 0;
  constexpr int kSaves = 300;
  {
    std::vector<std::jthread> threads;
    for (int project = 0; project < 4; ++project) {
      threads.emplace_back([&, project] {
        const std::string name = "project-" + std::to_string(project);
        for (int i = 1; i <= kSaves; ++i) {
          state->SaveMoney(name, Spent(i), [&] { ++kept; });
          state->SaveFirstSeen(name,
                               Servers({{"a", std::to_string(i), WallTime()}}));
          EXPECT_EQ(state->LoadMoney(name), Spent(i));
          EXPECT_EQ(state->stats().write_errors, 0U);
        }
      });
    }
  }
  state.reset();
  EXPECT_EQ(kept, 4 * kSaves);
  Open();
  for (int project = 0; project < 4; ++project) {
    const std::string name = "project-" + std::to_string(project);
    EXPECT_EQ(state_->LoadMoney(name), Spent(kSaves));
    EXPECT_EQ(state_->LoadFirstSeen(name).at("server")->front().state,
              std::to_string(kSaves));
  }
}

TEST_F(DiskStateTest, RemembersTasksAndFilesOverARestart) {
  Open();
  EXPECT_TRUE(state_->LoadTasks("prod")->tasks.empty());
  EXPECT_TRUE(state_->LoadTaskFiles()->empty());
  auto ledger = std::make_shared<tasks::Ledger>();
  ledger->tasks.push_back(std::make_shared<const tasks::WatchedTask>(
      tasks::WatchedTask{.id = "l3t1", .added = WallTime(1s)}));
  int kept = 0;
  state_->SaveTasks("prod", ledger, [&] { ++kept; });
  Notice();
  EXPECT_EQ(kept, 1);
  const tasks::FilePosition position{.path = "/f", .inode = 3, .offset = 5};
  state_->SaveTaskFiles(
      std::make_shared<const std::vector<tasks::FilePosition>>(
          std::vector{position}));
  Reopen();
  ASSERT_EQ(state_->LoadTasks("prod")->tasks.size(), 1U);
  EXPECT_EQ(*state_->LoadTasks("prod")->tasks.front(), *ledger->tasks.front());
  EXPECT_EQ(*state_->LoadTaskFiles(), std::vector{position});
}

TEST_F(DiskStateTest, HasNoFileOfTasksWhileThereAreNone) {
  Open();
  Save("prod", 5);
  Pass(1h);
  state_.reset();
  EXPECT_FALSE(directory_.Names().contains("state.json.tasks"));
}

TEST_F(DiskStateTest, ReportsTasksAsKeptOnlyOnceTheyAreInTheFile) {
  Open();
  const auto save = [&](const std::string& id) {
    auto ledger = std::make_shared<tasks::Ledger>();
    ledger->tasks.push_back(std::make_shared<const tasks::WatchedTask>(
        tasks::WatchedTask{.id = id, .added = WallTime(1s)}));
    state_->SaveTasks("prod", ledger, [this, id] {
      EXPECT_TRUE(Contains(".tasks", id));
      kept_.push_back(1);
    });
    Notice();
  };
  save("l3t1");
  EXPECT_EQ(kept_.size(), 1U);
  save("l3t2");
  EXPECT_EQ(kept_.size(), 1U);
  Pass(2s);
  EXPECT_EQ(kept_.size(), 2U);
}

TEST(OpenStateTest, LivesInMemoryWithoutAPath) {
  FakeClock clock;
  RecordingLog log;
  const auto state = OpenState("", clock, log);
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state.value()->stats().persistent);
  EXPECT_EQ(state.value()->stats().write_errors, 0U);
}

}  // namespace
}  // namespace serverspace::exporter
