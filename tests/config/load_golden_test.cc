#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "config/load.h"
#include "sample_collectors.h"

namespace serverspace::config {
namespace {

namespace fs = std::filesystem;

const fs::path kDirectory = fs::path(SERVERSPACE_TESTDATA) / "config/broken";

std::string Slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Names of the broken files without their ending.
std::set<std::string> BrokenFiles(const std::string& extension) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(kDirectory)) {
    if (entry.path().extension() == extension)
      names.insert(entry.path().stem().string());
  }
  return names;
}

/// NAME.yml fails with exactly the lines of NAME.expected.
class LoadGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  // Paths in messages are as short as in the expected files.
  void SetUp() override { fs::current_path(kDirectory); }
  void TearDown() override { fs::current_path(before_); }

  fs::path before_ = fs::current_path();
};

TEST_P(LoadGoldenTest, FailsWithTheExpectedProblems) {
  const FakeEnvironment environment({});
  const auto collectors = SampleCollectors();
  const auto loaded = Load({GetParam() + ".yml", environment, {}, collectors});
  ASSERT_FALSE(loaded.ok());
  std::string problems;
  for (const Problem& problem : loaded.error())
    problems += problem.ToString() + "\n";
  EXPECT_EQ(problems, Slurp(kDirectory / (GetParam() + ".expected")));
}

INSTANTIATE_TEST_SUITE_P(Broken, LoadGoldenTest,
                         testing::ValuesIn(BrokenFiles(".yml")),
                         [](const auto& test) { return test.param; });

TEST(LoadGoldenFilesTest, EachExpectationHasItsFile) {
  EXPECT_EQ(BrokenFiles(".yml"), BrokenFiles(".expected"));
}

}  // namespace
}  // namespace serverspace::config
