#include "exporter/project_key.h"

#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "config/temp_dir.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

class ProjectKeyTest : public testing::Test {
 protected:
  /// As a key manager does it.
  void Replace(const std::string& content) {
    std::filesystem::rename(dir_.Write("new", content), path_);
  }

  config::TempDir dir_;
  const std::string path_ = dir_.Write("key", "04first\n");
  FakeClock clock_;
  RecordingLog log_;
  ProjectKey key_{
      "prod", {.file = path_, .key = Secret("04first")}, clock_, log_};
};

TEST_F(ProjectKeyTest, IsTheOneOfTheStart) {
  EXPECT_EQ(key_.Current().Reveal(), "04first");
  EXPECT_TRUE(key_.readable());
  EXPECT_EQ(key_.since(), clock_.Mono());
  EXPECT_TRUE(log_.Lines().empty());
}

TEST_F(ProjectKeyTest, FollowsItsFile) {
  key_.Current();
  clock_.Advance(90s);
  Replace("04second\n");
  EXPECT_EQ(key_.Current().Reveal(), "04second");
  EXPECT_EQ(key_.Current().Reveal(), "04second");
  EXPECT_EQ(key_.since(), clock_.Mono());
  EXPECT_TRUE(key_.Uses(Secret("04second")));
  EXPECT_FALSE(key_.Uses(Secret("04first")));
  EXPECT_EQ(log_.Lines(), std::vector<std::string>{
                              "info the API key was replaced project=prod"});
}

TEST_F(ProjectKeyTest, KeepsTheOneBeforeAndSaysSoOnce) {
  const MonoTime start = clock_.Mono();
  clock_.Advance(1s);
  std::filesystem::remove(path_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(key_.Current().Reveal(), "04first");
  EXPECT_FALSE(key_.readable());
  EXPECT_EQ(key_.since(), start);
  ASSERT_EQ(log_.Lines().size(), 1U);
  EXPECT_TRUE(log_.Lines()[0].starts_with(
      "warn the key file gives no key; the one before stays in use "
      "project=prod error="));

  Replace("04first\n");
  EXPECT_EQ(key_.Current().Reveal(), "04first");
  EXPECT_TRUE(key_.readable());
  EXPECT_EQ(log_.Lines("info"),
            std::vector<std::string>{
                "info the key file can be read again project=prod"});
}

TEST_F(ProjectKeyTest, NeverShowsAKey) {
  Replace("04second with words\n");
  key_.Current();
  Replace("04third\n");
  key_.Current();
  EXPECT_EQ(log_.Lines().size(), 3U);
  for (const char* secret : {"04first", "04second", "04third", "words"})
    EXPECT_FALSE(log_.Mentions(secret)) << secret;
}

TEST_F(ProjectKeyTest, MayHaveNoFile) {
  ProjectKey key("prod", {.file = "", .key = Secret("04given")}, clock_, log_);
  EXPECT_EQ(key.Current().Reveal(), "04given");
  EXPECT_TRUE(key.readable());
}

}  // namespace
}  // namespace serverspace::exporter
