#include "app/reference.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "app/commands.h"
#include "app/exporter_options.h"
#include "config/options.h"

namespace serverspace::app {
namespace {

constexpr std::string_view kHowToRenew =
    "\nrenew it: serverspace_generate_reference docs";

std::string ReadDoc(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(SERVERSPACE_TESTDATA) + "/../../docs/" +
                        name)
              .rdbuf();
  return text.str();
}

TEST(ReferenceTest, ManualPageIsFresh) {
  EXPECT_TRUE(ReadDoc("man/serverspace_exporter.1") == ManPage())
      << kHowToRenew;
}

TEST(ReferenceTest, CompletionIsFresh) {
  EXPECT_TRUE(ReadDoc("completion/serverspace_exporter.bash") ==
              BashCompletion())
      << kHowToRenew;
}

TEST(ReferenceTest, ConfigurationPageIsFresh) {
  const std::string page = ReadDoc("configuration.md");
  const auto fresh = ReplaceGenerated(page, SettingsReference());
  ASSERT_TRUE(fresh.has_value());
  EXPECT_TRUE(page == *fresh) << kHowToRenew;
}

TEST(ReferenceTest, ManualPageHasEverySettingAndVariable) {
  const std::string page = ManPage();
  const auto has = [&](std::string text) {
    for (std::size_t at = text.find('-'); at != std::string::npos;
         at = text.find('-', at + 2))
      text.insert(at, "\\");
    return page.find(text) != std::string::npos;
  };
  for (const config::OptionDoc& option : config::Options()) {
    if (!option.flag.empty()) {
      EXPECT_TRUE(has(std::string(option.flag))) << option.flag;
    }
    EXPECT_TRUE(has(std::string(option.env))) << option.env;
  }
  for (const CommandDoc& command : Commands())
    EXPECT_TRUE(has(std::string(command.name))) << command.name;
}

TEST(ReferenceTest, TableHasARowForEachSettingAndCollector) {
  const std::string text = SettingsReference();
  std::size_t rows = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    rows += line.starts_with("| ") ? 1U : 0U;
  // Each table has a head and a rule.
  EXPECT_EQ(rows, config::Options().size() + CollectorDefaults().size() + 4);
}

TEST(ReferenceTest, ReplacesOnlyWhatIsGenerated) {
  const std::string begin = "<!-- generated: begin -->\n";
  const std::string end = "<!-- generated: end -->\n";
  EXPECT_EQ(ReplaceGenerated("a\n" + begin + "old\n" + end + "b\n", "new\n"),
            "a\n" + begin + "\nnew\n\n" + end + "b\n");
  EXPECT_EQ(ReplaceGenerated("a\n", "new\n"), std::nullopt);
  EXPECT_EQ(ReplaceGenerated(end + begin, "new\n"), std::nullopt);
  EXPECT_EQ(ReplaceGenerated(begin + end + begin, "new\n"), std::nullopt);
}

}  // namespace
}  // namespace serverspace::app
