#include "tasks/watched_file.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/scratch_directory.h"
#include "base/unique_fd.h"
#include "tasks/watch_line.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class WatchedFileTest : public testing::Test {
 protected:
  void Append(std::string_view text) {
    std::ofstream(path_, std::ios::app) << text;
  }
  void Replace(std::string_view text) {
    std::ofstream(path_, std::ios::trunc) << text;
  }
  /// One look: the lines that came of it.
  std::vector<std::string> Read() {
    const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<std::string> lines;
    const auto again = file_.Read(fd.get(), clock_, [&](std::string_view line) {
      lines.emplace_back(line);
    });
    EXPECT_TRUE(again.ok());
    again_ = again.ok() && again.value();
    return lines;
  }

  ScratchDirectory directory_;
  const std::string path_ = directory_.Path("tasks");
  // Before the files' own times, so that only its passing settles a line.
  FakeClock clock_;
  WatchedFile file_{FilePosition{}};
  bool again_ = false;
};

TEST_F(WatchedFileTest, TakesEachLineOnce) {
  Append("l3t1\nl3t2 prod\r\n\n");
  EXPECT_THAT(Read(), ElementsAre("l3t1", "l3t2 prod\r", ""));
  EXPECT_THAT(Read(), IsEmpty());
  Append("l3t3\n");
  EXPECT_THAT(Read(), ElementsAre("l3t3"));
  EXPECT_FALSE(again_);
}

TEST_F(WatchedFileTest, WaitsForTheEndOfALine) {
  Append("l3t1\nl3t7");
  EXPECT_THAT(Read(), ElementsAre("l3t1"));
  EXPECT_TRUE(again_);
  clock_.Advance(4s);
  Append("0011");
  EXPECT_THAT(Read(), IsEmpty());
  clock_.Advance(4s);
  EXPECT_THAT(Read(), IsEmpty());
  Append("\n");
  EXPECT_THAT(Read(), ElementsAre("l3t70011"));
}

TEST_F(WatchedFileTest, TakesALineWithoutEndOnceItStaysAsItIs) {
  Append("l3t1");
  EXPECT_THAT(Read(), IsEmpty());
  clock_.Advance(5s);
  EXPECT_THAT(Read(), ElementsAre("l3t1"));
  EXPECT_FALSE(again_);
  EXPECT_THAT(Read(), IsEmpty());
  Append("\nl3t2\n");
  EXPECT_THAT(Read(), ElementsAre("", "l3t2"));
}

TEST_F(WatchedFileTest, ReadsATruncatedFileFromItsBeginning) {
  Append("l3t1\nl3t2\n");
  Read();
  Replace("l3t3\n");
  EXPECT_THAT(Read(), ElementsAre("l3t3"));
  Replace("");
  EXPECT_THAT(Read(), IsEmpty());
  Append("l3t4\n");
  EXPECT_THAT(Read(), ElementsAre("l3t4"));
}

TEST_F(WatchedFileTest, NoticesAFileThatWasWrittenAnewAndIsLonger) {
  Append("l3t1\n");
  Read();
  Replace("l3t2\nl3t3\nl3t4\n");
  EXPECT_THAT(Read(), ElementsAre("l3t2", "l3t3", "l3t4"));
}

TEST_F(WatchedFileTest, GoesOnAtASavedPosition) {
  Append("l3t1\nl3t2\nhalf");
  Read();
  file_ = WatchedFile(file_.position());
  EXPECT_THAT(Read(), IsEmpty());
  Append(" done\n");
  EXPECT_THAT(Read(), ElementsAre("half done"));
}

TEST_F(WatchedFileTest, PassesOverALineThatIsTooLong) {
  Append("l3t1\n" + std::string(300'000, 'x') + "\nl3t2\n");
  const auto lines = Read();
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0], "l3t1");
  EXPECT_EQ(lines[1], std::string(kMaxLineBytes + 1, 'x'));
  EXPECT_EQ(lines[2], "l3t2");
}

TEST_F(WatchedFileTest, KeepsPassingOverItAsItGrows) {
  Append(std::string(1000, 'x'));
  EXPECT_THAT(Read(), SizeIs(1));
  Append(std::string(1000, 'x'));
  EXPECT_THAT(Read(), IsEmpty());
  clock_.Advance(1min);
  EXPECT_THAT(Read(), IsEmpty());
  Append("\nl3t1\n");
  EXPECT_THAT(Read(), ElementsAre("l3t1"));
}

TEST_F(WatchedFileTest, TakesALineOfTheGreatestLengthAsItIs) {
  const std::string longest(kMaxLineBytes, 'x');
  Append(longest + "\n" + longest + "y\n");
  EXPECT_THAT(Read(), ElementsAre(longest, longest + "y"));
}

TEST_F(WatchedFileTest, ReadsAHugeFileByAndBy) {
  constexpr std::size_t kLines = 400'000;
  std::string text;
  for (std::size_t i = 0; i < kLines; ++i)
    text += "l3t" + std::to_string(i) + "\n";
  Append(text);
  std::size_t next = 0;
  int looks = 0;
  do {
    for (const std::string& line : Read())
      ASSERT_EQ(line, "l3t" + std::to_string(next++));
    ++looks;
  } while (again_);
  EXPECT_EQ(next, kLines);
  EXPECT_GE(looks, 3);
}

TEST_F(WatchedFileTest, TakesAnyBytes) {
  Append(std::string("\0\xFF\n\x01\n", 5));
  EXPECT_THAT(Read(), ElementsAre(std::string("\0\xFF", 2), "\x01"));
}

TEST_F(WatchedFileTest, SaysWhatTheSystemSays) {
  const auto read = file_.Read(-1, clock_, [](std::string_view) {});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "Bad file descriptor");
}

}  // namespace
}  // namespace serverspace::tasks
