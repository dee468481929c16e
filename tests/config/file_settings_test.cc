#include "config/file_settings.h"

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

class FileSettingsTest : public testing::Test {
 protected:
  FileSettings Read(std::string_view text) {
    auto root = ParseYaml(text, "f.yml");
    EXPECT_TRUE(root.ok());
    return FileSettings(root.value(), "f.yml", collectors_, problems_);
  }

  std::string FirstProblem(std::string_view text) {
    problems_.clear();
    Read(text);
    return problems_.empty() ? "none" : problems_.front().ToString();
  }

  std::vector<std::string> collectors_ = {"servers", "snapshots"};
  std::vector<Problem> problems_;
};

TEST_F(FileSettingsTest, FindsSettingsByTheirPath) {
  const auto file = Read(
      "api: { timeout: 5s }\n"
      "collectors: { servers: { interval: 2m } }\n"
      "tasks: { watch: [ a, b ] }\n"
      "projects:\n"
      "  - name: a\n"
      "  - name: b\n"
      "    thresholds: { balance: { critical: 1 } }\n");
  EXPECT_TRUE(problems_.empty());
  ASSERT_NE(file.Find("api.timeout"), nullptr);
  EXPECT_EQ(file.Find("api.timeout")->texts, std::vector<std::string>{"5s"});
  EXPECT_EQ(file.Find("api.timeout")->place.ToString(),
            "f.yml:1:17: api.timeout: ");
  EXPECT_NE(file.Find("collectors.servers.interval"), nullptr);
  ASSERT_NE(file.Find("tasks.watch"), nullptr);
  EXPECT_EQ(file.Find("tasks.watch")->texts,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(file.Find("projects[1].thresholds.balance.critical"), nullptr);
  EXPECT_EQ(file.Find("projects[0].thresholds.balance.critical"), nullptr);
  EXPECT_EQ(file.Find("api"), nullptr);
  ASSERT_EQ(file.Items("projects").size(), 2U);
  EXPECT_EQ(file.Items("projects")[1].ToString(), "f.yml:6:5: projects[1]: ");
}

TEST_F(FileSettingsTest, ListsTheCurrencies) {
  const auto file =
      Read("thresholds: { balance: { USD: { warning: 1 }, EUR: } }");
  EXPECT_TRUE(problems_.empty());
  const auto keys = file.Keys("thresholds.balance");
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.end()),
            (std::vector<std::string>{"USD", "EUR"}));
}

TEST_F(FileSettingsTest, IsEmptyForNothing) {
  const auto file = Read("");
  EXPECT_TRUE(problems_.empty());
  EXPECT_TRUE(file.Items("projects").empty());
  EXPECT_TRUE(file.Keys("thresholds.balance").empty());
}

TEST_F(FileSettingsTest, KeepsWhatFitsBesideWhatDoesNot) {
  const auto file = Read("api: { timeout: 5s, nonsense: 1 }\nprojects: 5\n");
  EXPECT_EQ(problems_.size(), 2U);
  EXPECT_NE(file.Find("api.timeout"), nullptr);
}

TEST_F(FileSettingsTest, TakesPlaceholdersOfTheTableForNoKeys) {
  EXPECT_NE(FirstProblem("collectors: { NAME: { enabled: true } }"), "none");
  EXPECT_NE(FirstProblem("thresholds: { balance: { CURRENCY: {} } }"), "none");
  EXPECT_NE(FirstProblem("projects: { '[]': {} }"), "none");
}

TEST_F(FileSettingsTest, PrintsStrangeKeysOnOneLine) {
  EXPECT_EQ(FirstProblem("\"api\\nx\": 1").find('\n'), std::string::npos);
}

}  // namespace
}  // namespace serverspace::config
