#include "app/help.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "app/exporter_options.h"

namespace serverspace::app {
namespace {

std::string Help(Command command) {
  return HelpText(FindCommand(command), CollectorDefaults());
}

TEST(HelpTest, NamesEveryCommandFlagAndStatus) {
  for (const CommandDoc& command : Commands()) {
    const std::string help = Help(command.command);
    EXPECT_NE(help.find("Usage: " + UsageName(command)), std::string::npos);
    for (const FlagDoc& flag : FlagsOf(command)) {
      EXPECT_NE(help.find("\n  " + FlagUsage(flag) + "\n"), std::string::npos)
          << flag.name;
    }
    for (const StatusDoc& status : command.statuses) {
      EXPECT_NE(help.find("\n  " + std::to_string(status.status) + "  "),
                std::string::npos);
    }
    EXPECT_NE(Help(Command::kServe).find(command.summary), std::string::npos);
  }
}

TEST(HelpTest, NamesEveryCollector) {
  for (const config::CollectorDefaults& collector : CollectorDefaults())
    EXPECT_NE(Help(Command::kOnce).find(collector.name), std::string::npos);
}

TEST(HelpTest, FitsATerminal) {
  for (const CommandDoc& command : Commands()) {
    std::istringstream lines(Help(command.command));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LT(line.size(), 80U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(HelpTest, SpellsFlagsAsTheyAreWritten) {
  EXPECT_EQ(
      FlagUsage({.name = "online", .type = "", .fallback = "", .help = ""}),
      "--online");
  EXPECT_EQ(FlagUsage({.name = "labels.addresses",
                       .type = "",
                       .fallback = "",
                       .help = "",
                       .negatable = true}),
            "--[no-]labels.addresses");
  const auto with_type = [](std::string_view type) {
    return FlagUsage({.name = "a", .type = type, .fallback = "", .help = ""});
  };
  EXPECT_EQ(with_type("duration, 1s to 5m"), "--a=DURATION");
  EXPECT_EQ(with_type("path or empty"), "--a=PATH");
  EXPECT_EQ(with_type("list of HOST:PORT"), "--a=HOST:PORT");
  EXPECT_EQ(with_type("http:// URL or empty"), "--a=URL");
  EXPECT_EQ(with_type("logfmt|json"), "--a=logfmt|json");
}

TEST(HelpTest, HasAWordForEachValueAndABoundForEachRange) {
  for (const CommandDoc& command : Commands()) {
    for (const FlagDoc& flag : FlagsOf(command)) {
      const std::string usage = FlagUsage(flag);
      const std::size_t equals = usage.find('=');
      if (equals == std::string::npos || !WordsOf(flag.type).empty()) continue;
      EXPECT_TRUE(std::ranges::all_of(usage.substr(equals + 1), [](char c) {
        return (c >= 'A' && c <= 'Z') || c == ':';
      })) << usage;
      const std::string text = FlagText(flag);
      const std::size_t range = text.find("Range: ");
      if (range == std::string::npos) continue;
      EXPECT_TRUE(text[range + 7] >= '0' && text[range + 7] <= '9') << text;
    }
  }
}

TEST(HelpTest, TellsRangeRepetitionAndDefault) {
  EXPECT_EQ(FlagText({.name = "a",
                      .type = "duration, 1s to 5m",
                      .fallback = "20s",
                      .help = "Waits.",
                      .negatable = false,
                      .list = true}),
            "Waits. Range: 1s to 5m. May be repeated. Default: 20s.");
  EXPECT_EQ(
      FlagText({.name = "a", .type = "", .fallback = "", .help = "Waits."}),
      "Waits.");
}

}  // namespace
}  // namespace serverspace::app
