#include "tasks/watcher.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <linux/capability.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "base/scratch_directory.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

class WatcherTest : public testing::Test {
 protected:
  WatcherTest() { fs::create_directory(Path("d")); }

  std::string Path(std::string_view name) { return directory_.Path(name); }
  void Append(std::string_view name, std::string_view text) {
    std::ofstream(Path(name), std::ios::app) << text;
  }
  void Watch(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(Path(name));
    watcher_ = std::make_unique<Watcher>(
        paths, positions_,
        [this](std::string_view line) {
          lines_.emplace_back(line);
          if (on_line_) on_line_();
          return line.starts_with("bad") ? Verdict::kMalformed
                                         : Verdict::kAdded;
        },
        clock_, log_);
  }
  /// As a restart would.
  void WatchAgain(const std::vector<std::string>& names) {
    positions_ = watcher_->positions();
    Watch(names);
  }
  /// One look a second later: the lines that came of it.
  std::vector<std::string> Look() {
    clock_.Advance(1s);
    lines_.clear();
    watcher_->Look();
    return lines_;
  }
  static std::ptrdiff_t OpenFiles() {
    return std::distance(fs::directory_iterator("/proc/self/fd"),
                         fs::directory_iterator());
  }
  bool IsReadable() {
    const auto status = watcher_->status();
    EXPECT_THAT(status, SizeIs(1));
    return !status.empty() && status.front().readable;
  }

  ScratchDirectory directory_;
  FakeClock clock_;
  RecordingLog log_;
  Watcher::Positions positions_ =
      std::make_shared<const std::vector<FilePosition>>();
  std::unique_ptr<Watcher> watcher_;
  std::vector<std::string> lines_;
  std::function<void()> on_line_;
};

TEST_F(WatcherTest, ReadsAFileAndWhatIsAppended) {
  Append("f", "l3t1\n");
  Watch({"f"});
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
  EXPECT_THAT(Look(), IsEmpty());
  Append("f", "l3t2\n");
  EXPECT_THAT(Look(), ElementsAre("l3t2"));
  EXPECT_TRUE(IsReadable());
  EXPECT_THAT(log_.Lines(), IsEmpty());
}

TEST_F(WatcherTest, WaitsForAFileThatIsNotThereYet) {
  Watch({"f"});
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Look(), IsEmpty());
  EXPECT_FALSE(IsReadable());
  EXPECT_THAT(log_.Lines("info a watched path cannot be read"), SizeIs(1));
  Append("f", "l3t1\n");
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
  EXPECT_TRUE(IsReadable());
  EXPECT_THAT(log_.Lines("info a watched path is read"), SizeIs(1));
}

TEST_F(WatcherTest, ReadsTheFilesOfADirectory) {
  Watch({"d"});
  EXPECT_THAT(Look(), IsEmpty());
  Append("d/b", "l3t2\n");
  Append("d/a", "l3t1\n");
  EXPECT_THAT(Look(), ElementsAre("l3t1", "l3t2"));
  Append("d/c", "l3t3\n");
  Append("d/a", "l3t4\n");
  EXPECT_THAT(Look(), ElementsAre("l3t4", "l3t3"));
}

TEST_F(WatcherTest, PassesOverWhatIsNotMeantToBeRead) {
  Append("secret", "l3t9\n");
  Append("d/.hidden", "l3t1\n");
  Append("d/editor~", "l3t2\n");
  fs::create_directory(Path("d/sub"));
  Append("d/sub/deep", "l3t3\n");
  fs::create_symlink(Path("secret"), Path("d/link"));
  ASSERT_EQ(::mkfifo(Path("d/pipe").c_str(), 0600), 0);
  Watch({"d"});
  EXPECT_THAT(Look(), IsEmpty());
  EXPECT_TRUE(IsReadable());
  // Written aside and renamed.
  fs::rename(Path("d/.hidden"), Path("d/shown"));
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
}

TEST_F(WatcherTest, FollowsALinkThatWasNamed) {
  Append("real", "l3t1\n");
  fs::create_symlink(Path("real"), Path("link"));
  Watch({"link"});
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
}

TEST_F(WatcherTest, SaysOfAPipeThatItIsNoFile) {
  ASSERT_EQ(::mkfifo(Path("f").c_str(), 0600), 0);
  Watch({"f"});
  EXPECT_THAT(Look(), IsEmpty());
  EXPECT_FALSE(IsReadable());
  EXPECT_TRUE(log_.Mentions("neither a file nor a directory"));
}

TEST_F(WatcherTest, LosesNothingByARotation) {
  Watch({"f"});
  Append("f", "l3t1\n");
  Look();
  // Not read yet when it is renamed, and written to once more after that.
  Append("f", "l3t2\n");
  fs::rename(Path("f"), Path("f.1"));
  Append("f", "l3t3\n");
  EXPECT_THAT(Look(), UnorderedElementsAre("l3t2", "l3t3"));
  Append("f.1", "l3t4\n");
  EXPECT_THAT(Look(), ElementsAre("l3t4"));
  clock_.Advance(1min);
  Look();
  EXPECT_THAT(*watcher_->positions(), SizeIs(1));
}

TEST_F(WatcherTest, LosesNothingOfAFileThatIsRemoved) {
  Append("f", "l3t1\n");
  Watch({"f"});
  Look();
  Append("f", "l3t2\n");
  fs::remove(Path("f"));
  EXPECT_THAT(Look(), ElementsAre("l3t2"));
}

TEST_F(WatcherTest, ReadsARotatedFileOnceWhereBothNamesAreWatched) {
  Append("d/tasks", "l3t1\nl3t2\n");
  Watch({"d"});
  Look();
  fs::rename(Path("d/tasks"), Path("d/tasks.1"));
  Append("d/tasks", "l3t3\n");
  EXPECT_THAT(Look(), ElementsAre("l3t3"));
}

TEST_F(WatcherTest, ReadsAFileOnceThatIsWatchedTwice) {
  Append("d/f", "l3t1\n");
  Watch({"d", "d/f"});
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
}

TEST_F(WatcherTest, ReadsATruncatedFileAnew) {
  Append("f", "l3t1\nl3t2\n");
  Watch({"f"});
  Look();
  std::ofstream(Path("f"), std::ios::trunc) << "l3t3\n";
  EXPECT_THAT(Look(), ElementsAre("l3t3"));
}

TEST_F(WatcherTest, GoesOnWhereItWasAfterARestart) {
  Append("f", "l3t1\n");
  Watch({"f"});
  Look();
  Append("f", "l3t2\n");
  WatchAgain({"f"});
  EXPECT_THAT(Look(), ElementsAre("l3t2"));
}

TEST_F(WatcherTest, FindsAFileThatWasRotatedMeanwhile) {
  Append("f", "l3t1\n");
  Watch({"f"});
  Look();
  Append("f", "l3t2\n");
  fs::rename(Path("f"), Path("f.1"));
  Append("f", "l3t3\n");
  WatchAgain({"f"});
  EXPECT_THAT(Look(), UnorderedElementsAre("l3t2", "l3t3"));
}

TEST_F(WatcherTest, ReadsAnewWhatTookThePlaceOfAFileMeanwhile) {
  Append("f", "l3t1\n");
  Watch({"f"});
  Look();
  // The number of the inode may well be the same.
  fs::remove(Path("f"));
  Append("f", "l3t2\nl3t3\n");
  WatchAgain({"f"});
  EXPECT_THAT(Look(), ElementsAre("l3t2", "l3t3"));
}

TEST_F(WatcherTest, TellsOfABadLineOnceAFileAndNeverWhatItSays) {
  Append("f", "bad secret\nl3t1\nbad secret\n");
  Watch({"f"});
  EXPECT_THAT(Look(), SizeIs(3));
  EXPECT_THAT(log_.Lines("warn a line of a watched file is left out"),
              SizeIs(1));
  EXPECT_THAT(log_.Lines("debug a line of a watched file is left out"),
              SizeIs(1));
  EXPECT_FALSE(log_.Mentions("secret"));
}

TEST_F(WatcherTest, TellsOfBadLinesInFewFilesOfADirectory) {
  fs::create_directory(Path("e"));
  Append("e/f", "bad\n");
  const auto fill = [&](const std::string& prefix) {
    for (int i = 0; i < 50; ++i)
      Append("d/" + prefix + std::to_string(i), "bad\n");
  };
  fill("a");
  Watch({"d", "e"});
  EXPECT_THAT(Look(), SizeIs(51));
  constexpr auto kLine = "warn a line of a watched file is left out";
  EXPECT_THAT(log_.Lines(kLine), SizeIs(11));
  fill("b");
  EXPECT_THAT(Look(), SizeIs(50));
  EXPECT_THAT(log_.Lines(kLine), SizeIs(11));
  clock_.Advance(1h);
  fill("c");
  EXPECT_THAT(Look(), SizeIs(50));
  EXPECT_THAT(log_.Lines(kLine), SizeIs(21));
}

/// While it lives, the modes of files hold for this thread even as root.
class ModesHold {
 public:
  ModesHold() {
    ::syscall(SYS_capget, &header_, before_.data());
    auto less = before_;
    less[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
    EXPECT_EQ(::syscall(SYS_capset, &header_, less.data()), 0);
  }
  ModesHold(const ModesHold&) = delete;
  ModesHold& operator=(const ModesHold&) = delete;
  ~ModesHold() { ::syscall(SYS_capset, &header_, before_.data()); }

 private:
  __user_cap_header_struct header_{.version = _LINUX_CAPABILITY_VERSION_3,
                                   .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> before_{};
};

TEST_F(WatcherTest, TellsOfAnUnreadableFileOnceAndTriesAgain) {
  const ModesHold modes_hold;
  Append("f", "l3t1\n");
  fs::permissions(Path("f"), fs::perms::none);
  Watch({"f"});
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Look(), IsEmpty());
  EXPECT_FALSE(IsReadable());
  EXPECT_THAT(log_.Lines("warn a watched path cannot be read"), SizeIs(1));
  fs::permissions(Path("f"), fs::perms::owner_read);
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
  EXPECT_TRUE(IsReadable());
}

TEST_F(WatcherTest, TellsOfADirectoryWhoseFilesItMayNotReach) {
  const ModesHold modes_hold;
  Append("d/f", "l3t1\n");
  fs::permissions(Path("d"), fs::perms::owner_read);
  Watch({"d"});
  for (int i = 0; i < 2; ++i) EXPECT_THAT(Look(), IsEmpty());
  EXPECT_FALSE(IsReadable());
  EXPECT_THAT(log_.Lines("warn a watched path cannot be read"), SizeIs(1));
  fs::permissions(Path("d"), fs::perms::owner_all);
  EXPECT_THAT(Look(), ElementsAre("l3t1"));
  EXPECT_TRUE(IsReadable());
}

TEST_F(WatcherTest, KnowsWhereItWasInFilesThatAreOutOfReachForAWhile) {
  Append("d/f", "l3t1\n");
  Watch({"d"});
  Look();
  WatchAgain({"d"});
  {
    const ModesHold modes_hold;
    fs::permissions(Path("d"), fs::perms::none);
    EXPECT_THAT(Look(), IsEmpty());
    EXPECT_FALSE(IsReadable());
    fs::permissions(Path("d"), fs::perms::owner_all);
  }
  Append("d/f", "l3t2\n");
  EXPECT_THAT(Look(), ElementsAre("l3t2"));
}

TEST_F(WatcherTest, GivesUpFilesThatStayOutOfReach) {
  Append("d/f", "l3t1\n");
  Watch({"d"});
  Look();
  fs::remove_all(Path("d"));
  WatchAgain({"d"});
  Look();
  EXPECT_THAT(*watcher_->positions(), SizeIs(1));
  clock_.Advance(1min);
  Look();
  EXPECT_THAT(*watcher_->positions(), IsEmpty());
}

TEST_F(WatcherTest, HoldsFewFilesOpen) {
  for (int i = 0; i < 300; ++i)
    Append("d/" + std::to_string(i), "l3t" + std::to_string(i) + "\n");
  Watch({"d"});
  const auto before = OpenFiles();
  EXPECT_THAT(Look(), SizeIs(300));
  EXPECT_LE(OpenFiles() - before, 64);
  Append("d/0", "l3t1000\n");
  Append("d/299", "l3t1001\n");
  EXPECT_THAT(Look(), SizeIs(2));
}

TEST_F(WatcherTest, HoldsFewFilesOpenDuringALook) {
  for (int i = 0; i < 500; ++i)
    Append("d/" + std::to_string(i), "l3t" + std::to_string(i) + "\n");
  Watch({"d"});
  const auto before = OpenFiles();
  std::ptrdiff_t most = 0;
  on_line_ = [&] { most = std::max(most, OpenFiles() - before); };
  EXPECT_THAT(Look(), SizeIs(500));
  EXPECT_LE(most, 65);
}

TEST_F(WatcherTest, ReadsManyRotatedFilesWithFewOpen) {
  for (int i = 0; i < 300; ++i)
    Append("d/" + std::to_string(i), "l3t" + std::to_string(i) + "\n");
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("d/" + std::to_string(i));
  Watch(names);
  EXPECT_THAT(Look(), SizeIs(300));
  for (const std::string& name : names) {
    Append(name, "l3t1000\n");
    fs::rename(Path(name), Path(name + ".1"));
  }
  WatchAgain(names);
  const auto before = OpenFiles();
  std::ptrdiff_t most = 0;
  on_line_ = [&] { most = std::max(most, OpenFiles() - before); };
  EXPECT_THAT(Look(), SizeIs(300));
  EXPECT_LE(most, 65);
  // Whoever has one open may still write to it.
  Append("d/299.1", "l3t1001\n");
  EXPECT_THAT(Look(), ElementsAre("l3t1001"));
}

TEST_F(WatcherTest, FindsNoRenamedFileBehindALink) {
  Append("d/f", "l3t1\n");
  Watch({"d/f"});
  Look();
  Append("d/f", "l3t2\n");
  fs::rename(Path("d/f"), Path("away"));
  fs::create_symlink(Path("away"), Path("d/g"));
  WatchAgain({"d/f"});
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(WatcherTest, EndsSoonWhereADirectoryWasReplacedMeanwhile) {
  for (int i = 0; i < 4000; ++i) Append("d/" + std::to_string(i), "");
  Watch({"d"});
  Look();
  fs::rename(Path("d"), Path("old"));
  fs::create_directory(Path("d"));
  for (int i = 0; i < 4000; ++i) Append("d/" + std::to_string(i), "");
  WatchAgain({"d"});
  // An open of every file by every name would be 16 million of them.
  const auto started = std::chrono::steady_clock::now();
  Look();
  EXPECT_LT(std::chrono::steady_clock::now() - started, 30s);
  clock_.Advance(1min);
  Look();
  EXPECT_THAT(*watcher_->positions(), SizeIs(4000));
}

TEST_F(WatcherTest, StopsBetweenTwoLinesAndLosesNone) {
  Append("f", "l3t1\nl3t2\nl3t3\n");
  Append("gone", "l3t4\n");
  Watch({"gone", "f"});
  std::stop_source stop;
  on_line_ = [&] {
    if (lines_.back() == "l3t1") stop.request_stop();
  };
  watcher_->Look(stop.get_token());
  EXPECT_THAT(lines_, ElementsAre("l3t4", "l3t1"));
  WatchAgain({"gone", "f"});
  EXPECT_THAT(Look(), ElementsAre("l3t2", "l3t3"));
}

TEST_F(WatcherTest, ReadsNoMoreThanSoManyFilesOfADirectory) {
  for (int i = 0; i < 4200; ++i) Append("d/" + std::to_string(i), "");
  Watch({"d"});
  Look();
  EXPECT_FALSE(IsReadable());
  EXPECT_LE(watcher_->positions()->size(), 4097U);
  EXPECT_TRUE(log_.Mentions("remove old ones"));
}

TEST_F(WatcherTest, SaysThatNothingChangedByTheSamePointer) {
  Append("f", "l3t1\n");
  Watch({"f"});
  Look();
  const auto positions = watcher_->positions();
  Look();
  EXPECT_EQ(watcher_->positions(), positions);
  Append("f", "l3t2\n");
  Look();
  EXPECT_NE(watcher_->positions(), positions);
}

TEST_F(WatcherTest, LooksUntilAllIsRead) {
  for (int i = 0; i < 200'000; ++i) lines_.emplace_back("l3t12345678");
  std::string text;
  for (const std::string& line : lines_) text += line + "\n";
  Append("f", text);
  lines_.clear();
  Watch({"f"});
  watcher_->LookAtAll(clock_.Mono() + 1min);
  EXPECT_THAT(lines_, SizeIs(200'000));
}

TEST_F(WatcherTest, LooksOnceASecondOnItsOwnThread) {
  Watch({"f"});
  watcher_->Start();
  clock_.AwaitWaiters(1);
  Append("f", "l3t1\n");
  clock_.Advance(1s);
  clock_.AwaitWaiters(1);
  EXPECT_TRUE(IsReadable());
  watcher_->Stop();
  EXPECT_THAT(lines_, ElementsAre("l3t1"));
}

}  // namespace
}  // namespace serverspace::tasks
