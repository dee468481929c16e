#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "config/load.h"
#include "config/options.h"
#include "sample_collectors.h"
#include "temp_dir.h"

namespace serverspace::config {
namespace {

/// The example file that is installed with the program.
class ExampleTest : public testing::Test {
 protected:
  ExampleTest() {
    std::ifstream file(SERVERSPACE_EXAMPLE_CONFIG);
    text_ = {std::istreambuf_iterator<char>(file), {}};
    dir_.Write("keys/production", "04example-key-of-production\n");
    dir_.Write("keys.d/customer-a", "06example-key-of-customer-a\n");
    dir_.Write("ca.pem", "");
  }

  Loaded LoadText(std::string_view text) {
    const FakeEnvironment environment({});
    const auto collectors = SampleCollectors();
    auto loaded =
        Load({dir_.Write("example.yml", text), environment, {}, collectors});
    if (!loaded.ok()) {
      for (const Problem& problem : loaded.error())
        ADD_FAILURE() << problem.ToString();
      return {};
    }
    return std::move(loaded).value();
  }

  /// With all the settings that are commented out.
  std::string Uncommented() const {
    std::istringstream lines(text_);
    // Prose has one space after its mark, settings none or their indentation.
    const std::regex setting("^( *)#(?=[^ ]|  )");
    std::string all;
    for (std::string line; std::getline(lines, line);)
      all += std::regex_replace(line, setting, "$1") + "\n";
    return all;
  }

  TempDir dir_;
  std::string text_;
};

TEST_F(ExampleTest, LoadsWithOneProjectAndTheDefaults) {
  const Loaded loaded = LoadText(text_);
  ASSERT_EQ(loaded.config.projects.size(), 1U);
  EXPECT_EQ(loaded.config.projects[0].name, "production");
  EXPECT_EQ(loaded.config.stale_after, Config().stale_after);
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST_F(ExampleTest, LoadsWithEverythingThatIsCommentedOut) {
  const Loaded loaded = LoadText(Uncommented());
  EXPECT_EQ(loaded.config.projects.size(), 2U);
  EXPECT_TRUE(loaded.config.collectors.at("snapshots").enabled);
  EXPECT_EQ(loaded.config.balance_by_currency.size(), 2U);
}

TEST_F(ExampleTest, ShowsTheTrueDefaults) {
  const Config shown = LoadText(Uncommented()).config;
  const Config defaults;
  EXPECT_EQ(shown.api.timeout, defaults.api.timeout);
  EXPECT_EQ(shown.api.max_requests_per_second,
            defaults.api.max_requests_per_second);
  EXPECT_EQ(shown.stale_after, defaults.stale_after);
  EXPECT_EQ(shown.address_labels, defaults.address_labels);
  EXPECT_EQ(shown.tasks.keep_finished, defaults.tasks.keep_finished);
}

TEST_F(ExampleTest, MentionsEverySettingOfTheFile) {
  for (const OptionDoc& option : Options()) {
    // A key in the file itself works, but no example should lead there.
    if (option.key.empty() || option.key == "projects[].api_key") continue;
    const std::string name(option.key.substr(option.key.find_last_of('.') + 1));
    EXPECT_NE(text_.find(name + ":"), std::string::npos) << option.key;
  }
}

}  // namespace
}  // namespace serverspace::config
