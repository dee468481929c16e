#include "app/command_line.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/check_balance.h"
#include "app/help.h"
#include "app/version.h"
#include "base/redact.h"
#include "config/suggest.h"
#include "config/values.h"

namespace serverspace::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int kMaxServers = 100'000;

/// The value, or the library's error with the reason.
template <typename T>
T ValueOf(Result<T> parsed, const std::string& flag) {
  if (!parsed.ok())
    throw CLI::ValidationError("--" + flag, parsed.error().message);
  return std::move(parsed).value();
}

LogLevel LevelOf(std::string_view word) {
  if (word == "debug") return LogLevel::kDebug;
  if (word == "info") return LogLevel::kInfo;
  return word == "warn" ? LogLevel::kWarn : LogLevel::kError;
}

/// What a program that speaks by its output and status logs unasked.
LogLevel DefaultLevel(Command command) {
  switch (command) {
    case Command::kServe:
      return LogLevel::kInfo;
    case Command::kCheckConfig:
    case Command::kOnce:
      return LogLevel::kWarn;
    case Command::kCheckBalance:
    case Command::kHealthcheck:
      break;
  }
  return LogLevel::kError;
}

/// Puts the values of flags that are no settings where they belong.
void SetOwn(const std::string& flag, const std::string& value,
            CommandLine& out) {
  using Setter = std::function<void(CommandLine&, const std::string&)>;
  static const std::map<std::string, Setter, std::less<>> kSetters = {
      {"web.port-file", [](CommandLine& line,
                           const std::string& text) { line.port_file = text; }},
      {"online",
       [](CommandLine& line, const std::string&) { line.online = true; }},
      {"servers",
       [](CommandLine& line, const std::string& text) {
         line.assumed_servers =
             ValueOf(config::ParseWholeNumber(text, 0, kMaxServers), "servers");
       }},
      {"output",
       [](CommandLine& line, const std::string& text) { line.output = text; }},
      {"sd", [](CommandLine& line,
                const std::string& text) { line.targets.path = text; }},
      {"sd.query",
       [](CommandLine& line, const std::string& text) {
         line.targets.filter = ValueOf(server::ParseSdFilter(text), "sd.query");
       }},
      {"timeout",
       [](CommandLine& line, const std::string& text) {
         line.timeout = ValueOf(
             config::ParseDuration(text, seconds(1), hours(1)), "timeout");
       }},
      {"warning",
       [](CommandLine& line, const std::string& text) {
         line.warning = ValueOf(config::ParseAmount(text), "warning");
       }},
      {"critical",
       [](CommandLine& line, const std::string& text) {
         line.critical = ValueOf(config::ParseAmount(text), "critical");
       }},
      {"project",
       [](CommandLine& line, const std::string& text) { line.project = text; }},
      {"url",
       [](CommandLine& line, const std::string& text) { line.url = text; }},
      {"log.level",
       [](CommandLine& line, const std::string& text) {
         line.log_level = LevelOf(text);
       }},
      {"log.format",
       [](CommandLine& line, const std::string& text) {
         line.log_format =
             text == "json" ? LogFormat::kJson : LogFormat::kLogfmt;
       }},
      {"config.file", [](CommandLine& line,
                         const std::string& text) { line.config_file = text; }},
  };
  kSetters.at(flag)(out, value);
}

/// The arguments as the library wants them, the last one first. It would take
/// the word after `--flag=` for the value, which is empty.
std::vector<std::string> Words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    const bool is_empty =
        word.starts_with("--") && word.find('=') == word.size() - 1;
    if (is_empty) word.pop_back();
    words.push_back(std::move(word));
    if (is_empty) words.emplace_back();
  }
  std::ranges::reverse(words);
  return words;
}

/// `--api.timeout=5s` without the value.
std::string NameOf(const std::string& word) {
  return word.substr(0, word.find('='));
}

/// The command tables as the library's parsers: one for what comes before a
/// command's name, which takes serving's flags, and one for each command.
class Parser {
 public:
  explicit Parser(std::span<const config::CollectorDefaults> collectors)
      : collectors_(collectors), app_("", std::string(kProgram)) {
    app_.require_subcommand(0, 1);
    app_.add_flag("--version", version_);
    for (const CommandDoc& command : Commands()) {
      CLI::App& parser =
          command.name.empty()
              ? app_
              : *app_.add_subcommand(std::string(command.name), "");
      parser.set_help_flag();
      parser.add_flag("--help,-h", help_);
      for (const FlagDoc& flag : FlagsOf(command)) {
        for (const std::string& name : ExpandName(flag.name, collectors_))
          AddFlag(parser, flag, name);
      }
      if (!command.name.empty()) parsers_[command.command] = &parser;
    }
  }

  std::variant<CommandLine, EarlyExit> Parse(int argc,
                                             const char* const* argv) {
    try {
      std::vector<std::string> words = Words(argc, argv);
      app_.parse(words);
      line_.command = Given();
      for (const std::string& flag : serve_flags_) RequireServe(flag);
      if (line_.targets.path.empty() &&
          line_.targets.filter != server::SdFilter())
        throw CLI::RequiresError("--sd.query", "--sd");
    } catch (const CLI::ExtrasError&) {
      return Fault(Unexpected(app_.remaining(true)));
    } catch (const CLI::ArgumentMismatch& error) {
      return Fault(Mismatch(error.what()));
    } catch (const CLI::ParseError& error) {
      return Fault(error.what());
    }
    if (version_) return Said(0, VersionText() + "\n");
    if (help_)
      return Said(0, HelpText(FindCommand(line_.command), collectors_));
    if (!level_given_) line_.log_level = DefaultLevel(line_.command);
    return std::move(line_);
  }

 private:
  Command Given() const {
    for (const auto& [command, parser] : parsers_) {
      if (parser->parsed()) return command;
    }
    return Command::kServe;
  }

  /// A flag before the name of a command that does not know it would do
  /// nothing.
  void RequireServe(const std::string& flag) const {
    if (line_.command != Command::kServe) {
      throw CLI::ValidationError("--" + flag,
                                 "is no flag of " + CommandName(line_.command));
    }
  }

  /// The library's words for a flag that lacks its value ("--FLAG: 1 required
  /// ...") or has one too many ("FLAG was given ..."), for people.
  static std::string Mismatch(std::string_view told) {
    const std::string_view flag = told.substr(0, told.find_first_of(": "));
    return flag.starts_with("--")
               ? std::string(flag) + " needs a value"
               : "--" + std::string(flag) + " takes no value";
  }

  static std::string CommandName(Command command) {
    const std::string_view name = FindCommand(command).name;
    return name.empty() ? "serving" : std::string(name);
  }

  /// All flags of a command, as one types them.
  std::vector<std::string> Names(const CommandDoc& command) const {
    std::vector<std::string> names = {"--help"};
    if (command.name.empty()) names.emplace_back("--version");
    for (const FlagDoc& flag : FlagsOf(command)) {
      for (const std::string& name : ExpandName(flag.name, collectors_)) {
        names.push_back("--" + name);
        if (flag.negatable) names.push_back("--no-" + name);
      }
    }
    return names;
  }

  /// What is wrong with words that the library found no place for. A word after
  /// an unknown flag is likely its value.
  std::string Unexpected(const std::vector<std::string>& words) const {
    std::string text;
    for (const std::string& word : words) {
      if (!word.starts_with("-") || word == "--") continue;
      text += (text.empty() ? "" : "; ") + UnknownFlag(NameOf(word));
    }
    if (!text.empty() || words.empty()) return text;
    const Command command = Given();
    if (command != Command::kServe) {
      return config::Quote(words.front()) + " is not expected after " +
             CommandName(command);
    }
    std::vector<std::string> commands;
    for (const CommandDoc& known : Commands()) {
      if (!known.name.empty()) commands.emplace_back(known.name);
    }
    return "unknown command " + config::Quote(words.front()) +
           config::Suggest(words.front(), commands);
  }

  std::string UnknownFlag(const std::string& name) const {
    const CommandDoc& command = FindCommand(Given());
    const std::string text = "unknown flag " + config::Quote(name);
    for (const CommandDoc& other : Commands()) {
      const auto names = Names(other);
      if (std::ranges::find(names, name) == names.end()) continue;
      return name + " is a flag of " + CommandName(other.command) +
             ", not of " + CommandName(command.command);
    }
    const auto nearest = config::Nearest(name, Names(command));
    return nearest ? text + ": did you mean " + *nearest + "?" : text;
  }

  EarlyExit Fault(const std::string& reason) const {
    const CommandDoc& command = FindCommand(Given());
    // Monitoring reads one line of standard output.
    if (command.command == Command::kCheckBalance)
      return {BalanceUnknown(reason), true};
    return {{.status = kBadSetup,
             .text = RedactKeys(reason) + "\nTry " + UsageName(command) +
                     " --help.\n"},
            false};
  }

  EarlyExit Said(int status, std::string text) const {
    return {{.status = status,
             .text = std::move(text),
             .unprinted = line_.command == Command::kCheckBalance
                              ? BalanceUnknown("").status
                              : kFailed},
            true};
  }

  void Take(const FlagDoc& flag, const std::string& name,
            const std::string& value) {
    if (flag.setting && name != "config.file") {
      line_.flags.push_back({name, value});
      return;
    }
    if (name == "log.level") level_given_ = true;
    SetOwn(name, value, line_);
    if (std::ranges::find(FindCommand(Command::kServe).flags, flag.name,
                          &FlagDoc::name) !=
        FindCommand(Command::kServe).flags.end()) {
      serve_flags_.push_back(name);
    }
  }

  void AddFlag(CLI::App& parser, const FlagDoc& flag, const std::string& name) {
    if (flag.type.empty()) {
      // One option with two names: the last one given counts.
      const std::string names =
          "--" + name + (flag.negatable ? ",!--no-" + name : "");
      parser
          .add_flag_function(names,
                             [this, flag, name](std::int64_t on) {
                               Take(flag, name, on > 0 ? "true" : "false");
                             })
          ->take_last()
          ->disable_flag_override();
      return;
    }
    auto* option = parser.add_option_function<std::vector<std::string>>(
        "--" + name, [this, flag, name](const std::vector<std::string>& given) {
          for (const std::string& value : given) Take(flag, name, value);
        });
    option->allow_extra_args(false);
    if (flag.list) {
      option->take_all();
    } else {
      option->take_last()->expected(1);
    }
    const std::vector<std::string_view> words = WordsOf(flag.type);
    // The library's own transformer would take the numbers behind them too.
    if (!words.empty()) {
      option->check(
          CLI::IsMember(std::vector<std::string>(words.begin(), words.end())));
    }
  }

  const std::span<const config::CollectorDefaults> collectors_;
  CLI::App app_;
  std::map<Command, CLI::App*> parsers_;
  CommandLine line_;
  std::vector<std::string> serve_flags_;  // those given
  bool version_ = false;
  bool help_ = false;
  bool level_given_ = false;
};

}  // namespace

std::variant<CommandLine, EarlyExit> ParseCommandLine(
    int argc, const char* const* argv,
    std::span<const config::CollectorDefaults> collectors) {
  return Parser(collectors).Parse(argc, argv);
}

}  // namespace serverspace::app
