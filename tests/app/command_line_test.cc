#include "app/command_line.h"

#include <algorithm>
#include <array>
#include <ostream>

#include <gtest/gtest.h>

#include "app/help.h"
#include "config/options.h"

namespace serverspace::app {
namespace {

using Flags = std::vector<std::pair<std::string, std::string>>;

class CommandLineTest : public testing::Test {
 protected:
  std::variant<CommandLine, EarlyExit> Parse(std::vector<std::string> words) {
    words.insert(words.begin(), "serverspace_exporter");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    return ParseCommandLine(static_cast<int>(argv.size()), argv.data(),
                            collectors_);
  }
  CommandLine Accept(const std::vector<std::string>& words) {
    auto parsed = Parse(words);
    if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
      ADD_FAILURE() << exit->report.text;
      return {};
    }
    return std::get<CommandLine>(std::move(parsed));
  }
  EarlyExit Exit(const std::vector<std::string>& words) {
    auto parsed = Parse(words);
    if (auto* exit = std::get_if<EarlyExit>(&parsed)) return std::move(*exit);
    ADD_FAILURE() << "was accepted";
    return {};
  }
  Flags FlagsOf(const std::vector<std::string>& words) {
    Flags flags;
    for (const auto& [flag, value] : Accept(words).flags)
      flags.emplace_back(flag, value);
    return flags;
  }

  const std::array<config::CollectorDefaults, 2> collectors_ = {
      config::CollectorDefaults{.name = "project"},
      config::CollectorDefaults{.name = "ssh_keys"}};
};

TEST_F(CommandLineTest, NeedsNothing) {
  const CommandLine line = Accept({});
  EXPECT_EQ(line.config_file, std::nullopt);
  EXPECT_TRUE(line.flags.empty());
  EXPECT_EQ(line.log_level, LogLevel::kInfo);
  EXPECT_EQ(line.log_format, LogFormat::kLogfmt);
  EXPECT_EQ(line.port_file, "");
}

TEST_F(CommandLineTest, AcceptsEveryFlagOfTheOptionTable) {
  int count = 0;
  for (const config::OptionDoc& doc : config::Options()) {
    if (doc.flag.empty() || doc.flag == "config.file") continue;
    for (const std::string collector : {"project", "ssh_keys"}) {
      std::string flag(doc.flag);
      const std::size_t at = flag.find("NAME");
      if (at != std::string::npos) flag.replace(at, 4, collector);
      if (doc.type == "bool") {
        EXPECT_EQ(FlagsOf({"--" + flag}), (Flags{{flag, "true"}}));
        EXPECT_EQ(FlagsOf({"--no-" + flag}), (Flags{{flag, "false"}}));
      } else {
        EXPECT_EQ(FlagsOf({"--" + flag, "value"}), (Flags{{flag, "value"}}));
        EXPECT_EQ(FlagsOf({"--" + flag + "=value"}), (Flags{{flag, "value"}}));
        EXPECT_EQ(Exit({"--" + flag}).report.status, 2) << flag;
      }
      ++count;
    }
  }
  EXPECT_GT(count, 20);
}

TEST_F(CommandLineTest, HasAFlagForEachCollector) {
  EXPECT_EQ(FlagsOf({"--no-collector.ssh_keys", "--collector.project",
                     "--collector.project.interval=30s"}),
            (Flags{{"collector.project", "true"},
                   {"collector.ssh_keys", "false"},
                   {"collector.project.interval", "30s"}}));
  EXPECT_EQ(Exit({"--collector.nosuch"}).report.status, 2);
  EXPECT_EQ(Exit({"--collector.NAME"}).report.status, 2);
}

TEST_F(CommandLineTest, TakesTheLastOfContradictingSwitches) {
  EXPECT_EQ(FlagsOf({"--no-collector.project", "--collector.project"}),
            (Flags{{"collector.project", "true"}}));
  EXPECT_EQ(FlagsOf({"--collector.project", "--no-collector.project"}),
            (Flags{{"collector.project", "false"}}));
}

TEST_F(CommandLineTest, TakesNoValueForASwitch) {
  for (const std::string value : {"false", "no", "maybe", "0"})
    EXPECT_EQ(Exit({"--collector.project=" + value}).report.status, 2) << value;
  EXPECT_EQ(Exit({"--collector.project", "false"}).report.status, 2);
}

TEST_F(CommandLineTest, KeepsEachOfARepeatedList) {
  EXPECT_EQ(FlagsOf({"--web.listen-address", "127.0.0.1:10066",
                     "--web.listen-address=[::1]:10066",
                     "--web.listen-address=:9100"}),
            (Flags{{"web.listen-address", "127.0.0.1:10066"},
                   {"web.listen-address", "[::1]:10066"},
                   {"web.listen-address", ":9100"}}));
}

TEST_F(CommandLineTest, TakesTheLastOfARepeatedValue) {
  EXPECT_EQ(FlagsOf({"--api.timeout=5s", "--api.timeout=6s"}),
            (Flags{{"api.timeout", "6s"}}));
}

TEST_F(CommandLineTest, KeepsAnEmptyValue) {
  EXPECT_EQ(FlagsOf({"--state.file="}), (Flags{{"state.file", ""}}));
  EXPECT_EQ(FlagsOf({"--state.file=", "--api.timeout=5s"}),
            (Flags{{"api.timeout", "5s"}, {"state.file", ""}}));
  EXPECT_EQ(Exit({"--state.file=", "stray"}).report.status, 2);
}

TEST_F(CommandLineTest, KnowsTheConfigFile) {
  const CommandLine line = Accept({"--config.file", "a b.yml"});
  EXPECT_EQ(line.config_file, "a b.yml");
  EXPECT_TRUE(line.flags.empty());
}

TEST_F(CommandLineTest, KnowsHowToLog) {
  const std::pair<std::string, LogLevel> levels[] = {
      {"debug", LogLevel::kDebug},
      {"info", LogLevel::kInfo},
      {"warn", LogLevel::kWarn},
      {"error", LogLevel::kError}};
  for (const auto& [name, level] : levels)
    EXPECT_EQ(Accept({"--log.level=" + name}).log_level, level);
  EXPECT_EQ(Accept({"--log.format", "json"}).log_format, LogFormat::kJson);
  EXPECT_EQ(Accept({"--log.format=logfmt"}).log_format, LogFormat::kLogfmt);
}

TEST_F(CommandLineTest, KnowsWhereToWriteThePort) {
  EXPECT_EQ(Accept({"--web.port-file=ports"}).port_file, "ports");
}

TEST_F(CommandLineTest, TellsItsVersion) {
  const EarlyExit exit = Exit({"--version"});
  EXPECT_EQ(exit.report.status, 0);
  EXPECT_TRUE(exit.report.text.starts_with("serverspace_exporter"))
      << exit.report.text;
}

TEST_F(CommandLineTest, HelpsWithEachCommand) {
  for (const CommandDoc& command : Commands()) {
    for (const std::string flag : {"--help", "-h"}) {
      std::vector<std::string> words = {flag};
      if (!command.name.empty()) words.emplace(words.begin(), command.name);
      const EarlyExit exit = Exit(words);
      EXPECT_EQ(exit.report.status, 0);
      EXPECT_TRUE(exit.to_stdout);
      EXPECT_EQ(exit.report.text, HelpText(command, collectors_));
    }
  }
}

TEST_F(CommandLineTest, ServesUnlessToldOtherwise) {
  EXPECT_EQ(Accept({}).command, Command::kServe);
  EXPECT_EQ(Accept({"check-config"}).command, Command::kCheckConfig);
  EXPECT_EQ(Accept({"once"}).command, Command::kOnce);
  EXPECT_EQ(Accept({"check-balance"}).command, Command::kCheckBalance);
  EXPECT_EQ(Accept({"healthcheck"}).command, Command::kHealthcheck);
}

TEST_F(CommandLineTest, TakesSettingsBeforeAndAfterTheCommand) {
  const CommandLine line =
      Accept({"--config.file=c.yml", "--api.timeout=5s", "once",
              "--no-collector.ssh_keys", "--log.level=debug"});
  EXPECT_EQ(line.command, Command::kOnce);
  EXPECT_EQ(line.config_file, "c.yml");
  ASSERT_EQ(line.flags.size(), 2U);
  EXPECT_EQ(line.log_level, LogLevel::kDebug);
  EXPECT_EQ(Accept({"once", "--config.file=d.yml"}).config_file, "d.yml");
}

TEST_F(CommandLineTest, KnowsTheFlagsOfEachCommand) {
  const CommandLine check = Accept({"check-config", "--online", "--servers=7"});
  EXPECT_TRUE(check.online);
  EXPECT_EQ(check.assumed_servers, 7);
  const CommandLine once = Accept({"once", "--output=x.prom", "--timeout=90s"});
  EXPECT_EQ(once.output, "x.prom");
  EXPECT_EQ(once.timeout, std::chrono::seconds(90));
  const CommandLine targets =
      Accept({"once", "--sd=x.json", "--sd.query=port=80&network=private"});
  EXPECT_EQ(targets.targets.path, "x.json");
  EXPECT_EQ(targets.targets.filter,
            (server::SdFilter{.port = 80,
                              .network = server::SdFilter::Network::kPrivate}));
  const CommandLine balance = Accept({"check-balance", "--warning", "0.5",
                                      "--critical", "-10", "--project=prod"});
  EXPECT_EQ(balance.warning, Money::FromMicros(500'000));
  EXPECT_EQ(balance.critical, Money::FromMicros(-10'000'000));
  EXPECT_EQ(balance.project, "prod");
  EXPECT_EQ(Accept({"healthcheck", "--url=http://a/"}).url, "http://a/");
}

TEST_F(CommandLineTest, LogsByDefaultWhatSuitsTheCommand) {
  EXPECT_EQ(Accept({"once"}).log_level, LogLevel::kWarn);
  EXPECT_EQ(Accept({"check-config"}).log_level, LogLevel::kWarn);
  EXPECT_EQ(Accept({"check-balance"}).log_level, LogLevel::kError);
}

TEST_F(CommandLineTest, TellsMonitoringThatItDoesNotKnow) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"check-balance", "--nosuch"},
        {"check-balance", "--warning=much"},
        {"--nosuch", "check-balance"}}) {
    const EarlyExit exit = Exit(words);
    EXPECT_EQ(exit.report.status, 3);
    EXPECT_TRUE(exit.to_stdout);
    EXPECT_TRUE(exit.report.text.starts_with("BALANCE UNKNOWN - "))
        << exit.report.text;
    EXPECT_EQ(std::ranges::count(exit.report.text, '\n'), 1);
  }
}

class CommandLineFaultTest
    : public CommandLineTest,
      public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(CommandLineFaultTest, EndsWithStatusTwoAndAReason) {
  const EarlyExit exit = Exit(GetParam());
  EXPECT_EQ(exit.report.status, 2);
  EXPECT_NE(exit.report.text, "");
}

INSTANTIATE_TEST_SUITE_P(
    Words, CommandLineFaultTest,
    testing::Values(std::vector<std::string>{"--nosuch"},
                    std::vector<std::string>{"--nosuch=1"},
                    std::vector<std::string>{"--collector.project="},
                    std::vector<std::string>{"stray"},
                    std::vector<std::string>{"-x"},
                    std::vector<std::string>{"@file"},
                    std::vector<std::string>{"--config.file"},
                    std::vector<std::string>{"--log.level=loud"},
                    std::vector<std::string>{"--log.level=0"},
                    std::vector<std::string>{"--log.level="},
                    std::vector<std::string>{"--log.format=xml"},
                    std::vector<std::string>{"--no-api.timeout"},
                    std::vector<std::string>{"--", "stray"},
                    std::vector<std::string>{"once", "stray"},
                    std::vector<std::string>{"once", "check-config"},
                    std::vector<std::string>{"once", "--online"},
                    std::vector<std::string>{"--online"},
                    std::vector<std::string>{"--web.port-file=p", "once"},
                    std::vector<std::string>{"once", "--web.port-file=p"},
                    std::vector<std::string>{"once", "--timeout=0s"},
                    std::vector<std::string>{"once", "--sd.query=port=80"},
                    std::vector<std::string>{"once", "--sd=x.json",
                                             "--sd.query=port=0"},
                    std::vector<std::string>{"once", "--timeout=2h"},
                    std::vector<std::string>{"check-config", "--servers=-1"},
                    std::vector<std::string>{"check-config", "--online=yes"},
                    std::vector<std::string>{"healthcheck", "--api.timeout=5s"},
                    std::vector<std::string>{"healthcheck", "--url"}));

TEST_F(CommandLineTest, SaysWhetherAFlagTakesAValue) {
  EXPECT_TRUE(Exit({"--config.file"})
                  .report.text.starts_with("--config.file needs a value\n"));
  EXPECT_TRUE(
      Exit({"--web.enable-lifecycle=3"})
          .report.text.starts_with("--web.enable-lifecycle takes no value\n"));
}

TEST_F(CommandLineTest, SuggestsWhatWasMeant) {
  const auto reason = [&](const std::vector<std::string>& words) {
    const std::string text = Exit(words).report.text;
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(reason({"--api.timout=5s"}),
            "unknown flag \"--api.timout\": did you mean --api.timeout?");
  EXPECT_EQ(reason({"--api.timout", "5s"}),
            "unknown flag \"--api.timout\": did you mean --api.timeout?");
  EXPECT_EQ(reason({"--no-collector.sshkeys"}),
            "unknown flag \"--no-collector.sshkeys\": did you mean "
            "--no-collector.ssh_keys?");
  EXPECT_EQ(reason({"once", "--ouput=x"}),
            "unknown flag \"--ouput\": did you mean --output?");
  EXPECT_EQ(reason({"--something-else"}), "unknown flag \"--something-else\"");
  EXPECT_EQ(reason({"once", "--online"}),
            "--online is a flag of check-config, not of once");
  EXPECT_EQ(reason({"--output=x"}),
            "--output is a flag of once, not of serving");
  EXPECT_EQ(reason({"chek-config"}),
            "unknown command \"chek-config\": did you mean "
            "\"check-config\"?");
  EXPECT_EQ(reason({"reload"}),
            "unknown command \"reload\"; known here: check-config, once, "
            "check-balance, healthcheck");
  EXPECT_EQ(reason({"once", "stray"}), "\"stray\" is not expected after once");
}

TEST_F(CommandLineTest, QuotesNoKeyThatStandsInTheWrongPlace) {
  const std::string key =
      "l50123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";
  for (const std::vector<std::string>& words : {std::vector<std::string>{key},
                                                {"--collector." + key},
                                                {"--api.timout=x/" + key},
                                                {"once", "a " + key},
                                                {"once", "--timeout=" + key},
                                                {"once", "--timeout=5" + key},
                                                {"--a-word-before-it-" + key},
                                                {"--log.level=a-" + key},
                                                {"--api.key", key},
                                                {"--api.key=" + key},
                                                {"--log.level", key},
                                                {"--" + key}}) {
    const EarlyExit exit = Exit(words);
    EXPECT_EQ(exit.report.status, 2);
    EXPECT_EQ(exit.report.text.find(key), std::string::npos)
        << exit.report.text;
  }
}

}  // namespace
}  // namespace serverspace::app
