#include "exporter/state_file.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/file.h"
#include "base/recording_log.h"
#include "base/scratch_directory.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

class StateFileTest : public testing::Test {
 protected:
  StateFile Make() {
    return StateFile(
        Path(),
        [](const std::string& path, std::string_view text) {
          return WriteFileAtomically(path, text, 0600);
        },
        clock_, log_);
  }
  std::string Path(std::string_view rest = "") const {
    return directory_.Path("state.json" + std::string(rest));
  }
  void Create(std::string_view text, std::string_view rest = "") const {
    std::ofstream(Path(rest), std::ios::binary) << text;
  }
  std::string Content(std::string_view rest = "") const {
    const auto text = ReadFile(Path(rest), 1000);
    return text.ok() ? text.value() : text.error().message;
  }

  FakeClock clock_{WallTime(std::chrono::seconds(1'764'061'200))};
  RecordingLog log_;
  ScratchDirectory directory_;
};

constexpr std::string_view kAside = ".corrupt-20251125T090000Z";

TEST_F(StateFileTest, ReadsWhatItWrote) {
  EXPECT_TRUE(Make().Write("text").ok());
  EXPECT_EQ(Make().Read(), "text");
  EXPECT_EQ(directory_.Names(), (std::set<std::string>{"state.json"}));
}

TEST_F(StateFileTest, TakesAMissingFileForANewBeginning) {
  EXPECT_EQ(Make().Read(), std::nullopt);
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(StateFileTest, MovesAsideWhatWasRefused) {
  Create("foreign");
  StateFile file = Make();
  EXPECT_EQ(file.Read(), "foreign");
  file.Refuse("it is foreign");
  EXPECT_EQ(Content(), "foreign");
  EXPECT_TRUE(file.Write("new").ok());
  EXPECT_EQ(Content(), "new");
  EXPECT_EQ(Content(kAside), "foreign");
  EXPECT_EQ(log_.Lines("error").size(), 1U);
  EXPECT_TRUE(log_.Mentions("reason=it is foreign"));
  EXPECT_TRUE(log_.Mentions("now=" + Path(kAside)));
  // Once only.
  EXPECT_TRUE(file.Write("newer").ok());
  EXPECT_EQ(directory_.Names().size(), 2U);
}

TEST_F(StateFileTest, MovesAsideWhatCannotBeRead) {
  std::filesystem::create_directory(Path());
  Create("something", "/inside");
  StateFile file = Make();
  EXPECT_EQ(file.Read(), std::nullopt);
  EXPECT_TRUE(log_.Mentions("is not a regular file"));
  EXPECT_TRUE(file.Write("new").ok());
  EXPECT_EQ(Content(), "new");
  EXPECT_EQ(Content(std::string(kAside) + "/inside"), "something");
}

TEST_F(StateFileTest, MovesAsideWhatIsTooLarge) {
  Create("");
  std::filesystem::resize_file(Path(), StateFile::kMaxBytes + 1);
  StateFile file = Make();
  EXPECT_EQ(file.Read(), std::nullopt);
  EXPECT_TRUE(log_.Mentions("is larger than 33554432 bytes"));
  EXPECT_TRUE(file.Write("new").ok());
  EXPECT_EQ(std::filesystem::file_size(Path(kAside)), StateFile::kMaxBytes + 1);
}

TEST_F(StateFileTest, DoesNotWriteWhatItCouldNotRead) {
  const std::string text(StateFile::kMaxBytes + 1, 'x');
  EXPECT_FALSE(Make().Write(text).ok());
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(StateFileTest, KeepsTheNewestFiveThatWereMovedAside) {
  for (int i = 0; i < 9; ++i) {
    Create("bad " + std::to_string(i));
    StateFile file = Make();
    file.Refuse("it is bad");
    ASSERT_TRUE(file.Write("new").ok());
    clock_.Advance(1min);
  }
  EXPECT_EQ(directory_.Names(),
            (std::set<std::string>{"state.json",
                                   "state.json.corrupt-20251125T090400Z",
                                   "state.json.corrupt-20251125T090500Z",
                                   "state.json.corrupt-20251125T090600Z",
                                   "state.json.corrupt-20251125T090700Z",
                                   "state.json.corrupt-20251125T090800Z"}));
  EXPECT_EQ(Content(".corrupt-20251125T090800Z"), "bad 8");
}

TEST_F(StateFileTest, OverwritesNothingThatWasMovedAsideInTheSameSecond) {
  for (int i = 0; i < 3; ++i) {
    Create("bad " + std::to_string(i));
    StateFile file = Make();
    file.Refuse("it is bad");
    ASSERT_TRUE(file.Write("new").ok());
  }
  EXPECT_EQ(Content(kAside), "bad 0");
  EXPECT_EQ(Content(std::string(kAside) + "-2"), "bad 1");
  EXPECT_EQ(Content(std::string(kAside) + "-3"), "bad 2");
}

// Only what a killed writer of this file left, not what looks like it.
TEST_F(StateFileTest, RemovesWhatKilledWritersLeft) {
  Create("half", ".tmp.123");
  Create("half", ".tmp.4567");
  Create("mine", ".tmp.mine");
  Create("other", ".seen.tmp.123");
  EXPECT_TRUE(Make().Write("new").ok());
  EXPECT_EQ(directory_.Names(),
            (std::set<std::string>{"state.json", "state.json.tmp.mine",
                                   "state.json.seen.tmp.123"}));
}

TEST_F(StateFileTest, WritesOverNothingThatItCannotMoveAside) {
  // A directory that holds nothing but its own name: nothing can be moved.
  StateFile file(
      "/proc/self/stat",
      [](const std::string&, std::string_view) -> Result<void> {
        ADD_FAILURE() << "it was to be left alone";
        return {};
      },
      clock_, log_);
  ASSERT_TRUE(file.Read());
  file.Refuse("it is foreign");
  for (int i = 0; i < 2; ++i) {
    const auto written = file.Write("new");
    ASSERT_FALSE(written.ok());
    EXPECT_TRUE(written.error().message.starts_with(
        "cannot move /proc/self/stat to /proc/self/stat.corrupt-"))
        << written.error().message;
  }
}

TEST_F(StateFileTest, ForgivesWhatSomebodyTookAwayMeanwhile) {
  Create("bad");
  StateFile file = Make();
  file.Refuse("it is bad");
  std::filesystem::remove(Path());
  EXPECT_TRUE(file.Write("new").ok());
  EXPECT_EQ(directory_.Names(), (std::set<std::string>{"state.json"}));
}

}  // namespace
}  // namespace serverspace::exporter
