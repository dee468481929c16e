#include "config/key_file.h"

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace serverspace::config {
namespace {

class KeyFileTest : public testing::Test {
 protected:
  KeyFileTest() : file_({dir_.Write("key", "04first\n"), Secret("04first")}) {}

  std::string Current() { return std::string(file_.Current().Reveal()); }

  /// Puts another file in the place of the key, as careful tools do.
  void Replace(std::string_view content) {
    std::filesystem::rename(dir_.Write("key.new", content), dir_.Path("key"));
  }

  TempDir dir_;
  KeyFile file_;
};

TEST_F(KeyFileTest, GivesTheKeyOfTheStart) {
  EXPECT_EQ(Current(), "04first");
  EXPECT_FALSE(file_.last_error());
}

TEST_F(KeyFileTest, SeesAReplacedFile) {
  EXPECT_EQ(Current(), "04first");
  Replace("04the-second\n");
  EXPECT_EQ(Current(), "04the-second");
}

TEST_F(KeyFileTest, SeesAFileThatWasWrittenOver) {
  EXPECT_EQ(Current(), "04first");
  dir_.Write("key", "04the-second\n");
  EXPECT_EQ(Current(), "04the-second");
}

TEST_F(KeyFileTest, SeesAKeyOfTheSameLengthByItsTime) {
  EXPECT_EQ(Current(), "04first");
  const std::string path = dir_.Write("key", "04other\n");
  std::filesystem::last_write_time(
      path, std::filesystem::last_write_time(path) + std::chrono::seconds(5));
  EXPECT_EQ(Current(), "04other");
}

TEST_F(KeyFileTest, SeesALinkThatPointsElsewhere) {
  // A Kubernetes Secret changes this way.
  dir_.Write("one/key", "04one");
  dir_.Write("two/key", "04the-two");
  std::filesystem::create_directory_symlink(dir_.Path("one"),
                                            dir_.Path("data"));
  KeyFile file({dir_.Path("data/key"), Secret("04one")});
  EXPECT_EQ(file.Current().Reveal(), "04one");
  std::filesystem::create_directory_symlink(dir_.Path("two"), dir_.Path("tmp"));
  std::filesystem::rename(dir_.Path("tmp"), dir_.Path("data"));
  EXPECT_EQ(file.Current().Reveal(), "04the-two");
}

TEST_F(KeyFileTest, KeepsTheKeyWhileTheFileIsGone) {
  std::filesystem::remove(dir_.Path("key"));
  EXPECT_EQ(Current(), "04first");
  ASSERT_TRUE(file_.last_error());
  EXPECT_EQ(file_.last_error()->message,
            "cannot open " + dir_.Path("key") + ": No such file or directory");
  Replace("04back\n");
  EXPECT_EQ(Current(), "04back");
  EXPECT_FALSE(file_.last_error());
}

TEST_F(KeyFileTest, KeepsTheKeyWhileTheFileHoldsNone) {
  Replace("se cret\n");
  EXPECT_EQ(Current(), "04first");
  ASSERT_TRUE(file_.last_error());
  EXPECT_EQ(file_.last_error()->message.find("cret"), std::string::npos);
  // Not read again, but still known.
  EXPECT_EQ(Current(), "04first");
  EXPECT_TRUE(file_.last_error());
}

TEST_F(KeyFileTest, LeavesAGivenKeyAlone) {
  KeyFile given({"", Secret("04given")});
  EXPECT_EQ(given.Current().Reveal(), "04given");
  EXPECT_FALSE(given.last_error());
}

TEST_F(KeyFileTest, MayBeSharedByThreads) {
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        for (int n = 0; n < 200; ++n) {
          const std::string key = Current();
          if (key != "04first" && key != "04the-second") ++wrong;
        }
      });
    }
    Replace("04the-second\n");
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Current(), "04the-second");
}

}  // namespace
}  // namespace serverspace::config
