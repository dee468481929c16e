#include "app/commands.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "config/options.h"

namespace serverspace::app {
namespace {

TEST(CommandsTest, AreFoundByTheirKind) {
  for (const CommandDoc& command : Commands())
    EXPECT_EQ(FindCommand(command.command).name, command.name);
  EXPECT_EQ(Commands().front().command, Command::kServe);
}

TEST(CommandsTest, HaveEachFlagOnce) {
  for (const CommandDoc& command : Commands()) {
    std::set<std::string_view> names;
    for (const FlagDoc& flag : FlagsOf(command))
      EXPECT_TRUE(names.insert(flag.name).second) << flag.name;
  }
}

TEST(CommandsTest, KnowEverySettingThatHasAFlag) {
  const std::vector<FlagDoc> flags = FlagsOf(FindCommand(Command::kOnce));
  for (const config::OptionDoc& option : config::Options()) {
    if (option.flag.empty()) continue;
    const auto flag = std::ranges::find(flags, option.flag, &FlagDoc::name);
    ASSERT_NE(flag, flags.end()) << option.flag;
    EXPECT_TRUE(flag->setting);
    EXPECT_EQ(flag->negatable, option.type == "bool");
  }
}

TEST(CommandsTest, NeedOfAHealthcheckOnlyHowTheExporterIsAsked) {
  std::vector<std::string_view> settings;
  for (const FlagDoc& flag : FlagsOf(FindCommand(Command::kHealthcheck))) {
    if (flag.setting) settings.push_back(flag.name);
  }
  EXPECT_EQ(settings, (std::vector<std::string_view>{"web.listen-address",
                                                     "web.config.file"}));
}

TEST(CommandsTest, ExpandAFlagToEachCollector) {
  const std::vector<config::CollectorDefaults> collectors = {
      {.name = "project"}, {.name = "ssh_keys"}};
  EXPECT_EQ(ExpandName("collector.NAME.interval", collectors),
            (std::vector<std::string>{"collector.project.interval",
                                      "collector.ssh_keys.interval"}));
  EXPECT_EQ(ExpandName("api.timeout", collectors),
            std::vector<std::string>{"api.timeout"});
}

TEST(CommandsTest, SplitWordsAtTheirBars) {
  EXPECT_EQ(WordsOf("a|b|c"), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_TRUE(WordsOf("path").empty());
  EXPECT_TRUE(WordsOf("").empty());
}

}  // namespace
}  // namespace serverspace::app
