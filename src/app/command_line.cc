#include "app/command_line.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/version.h"
#include "config/key.h"
#include "config/options.h"

namespace serverspace::app {
namespace {

constexpr std::string_view kAnyCollector = "NAME";

/// `collector.NAME.interval` for each collector; other flags as they are.
std::vector<std::string> ExpandFlag(
    std::string_view flag,
    std::span<const config::CollectorDefaults> collectors) {
  const std::size_t at = flag.find(kAnyCollector);
  if (at == std::string_view::npos) return {std::string(flag)};
  std::vector<std::string> flags;
  for (const config::CollectorDefaults& collector : collectors) {
    flags.push_back(std::string(flag.substr(0, at)) + collector.name +
                    std::string(flag.substr(at + kAnyCollector.size())));
  }
  return flags;
}

void AddSetting(CLI::App& app, const config::OptionDoc& doc,
                const std::string& flag, CommandLine& out) {
  const std::string help =
      std::string(doc.help) + " Default: " + std::string(doc.fallback) + ".";
  if (doc.type == "bool") {
    // One option with two names: the last one given counts.
    app.add_flag_function(
           "--" + flag + ",!--no-" + flag,
           [&out, flag](std::int64_t on) {
             out.flags.push_back({flag, on > 0 ? "true" : "false"});
           },
           help)
        ->take_last()
        ->disable_flag_override();
    return;
  }
  auto* option = app.add_option_function<std::vector<std::string>>(
      "--" + flag,
      [&out, flag](const std::vector<std::string>& values) {
        for (const std::string& value : values)
          out.flags.push_back({flag, value});
      },
      help);
  option->type_name(std::string(doc.type))->allow_extra_args(false);
  if (doc.list) {
    option->take_all();
  } else {
    option->take_last()->expected(1);
  }
}

template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// A flag that takes one of a few words. The library's own transformer would
/// take the numbers behind them too.
template <typename Value>
void AddChoice(CLI::App& app, const std::string& flag,
               const Choices<Value>& choices, const std::string& help,
               Value& out) {
  std::vector<std::string> words;
  std::string type;
  for (const auto& [word, value] : choices) {
    words.push_back(word);
    type += (type.empty() ? "" : "|") + word;
  }
  app.add_option_function<std::string>(
         flag,
         [&out, choices](const std::string& given) {
           for (const auto& [word, value] : choices) {
             if (word == given) out = value;
           }
         },
         help)
      ->check(CLI::IsMember(words).description(""))
      ->type_name(type);
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

/// The library quotes what it could not read; a key that was put in the wrong
/// place must not get into a journal that way.
std::string Redact(std::string text, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    argument.remove_prefix(
        std::min(argument.find_first_not_of('-'), argument.size()));
    const std::size_t equals = argument.find('=');
    for (const std::string_view part :
         {argument.substr(0, equals), equals == std::string_view::npos
                                          ? std::string_view()
                                          : argument.substr(equals + 1)}) {
      if (!config::LooksLikeKey(part)) continue;
      for (std::size_t at = text.find(part); at != std::string::npos;
           at = text.find(part, at)) {
        text.replace(at, part.size(), "<redacted>");
      }
    }
  }
  return text;
}

}  // namespace

std::variant<CommandLine, EarlyExit> ParseCommandLine(
    int argc, const char* const* argv,
    std::span<const config::CollectorDefaults> collectors) {
  CommandLine result;
  CLI::App app("Prometheus exporter for the Serverspace cloud.",
               "serverspace_exporter");
  // The library would sort out @files and such; nothing but flags is wanted
  // here.
  app.allow_extras(false);
  app.set_version_flag("--version", VersionText());
  for (const config::OptionDoc& doc : config::Options()) {
    if (doc.flag.empty()) continue;
    if (doc.flag == "config.file") {
      app.add_option("--config.file", result.config_file, std::string(doc.help))
          ->type_name("path");
      continue;
    }
    for (const std::string& flag : ExpandFlag(doc.flag, collectors))
      AddSetting(app, doc, flag, result);
  }
  AddChoice<LogLevel>(app, "--log.level",
                      {{"debug", LogLevel::kDebug},
                       {"info", LogLevel::kInfo},
                       {"warn", LogLevel::kWarn},
                       {"error", LogLevel::kError}},
                      "The least important lines to log. Default: info.",
                      result.log_level);
  AddChoice<LogFormat>(
      app, "--log.format",
      {{"logfmt", LogFormat::kLogfmt}, {"json", LogFormat::kJson}},
      "How lines are written. Default: logfmt.", result.log_format);
  app.add_option("--web.port-file", result.port_file,
                 "Where to write the bound addresses, one a line, for scripts "
                 "that listen on port 0.")
      ->type_name("path");
  try {
    std::vector<std::string> words = Words(argc, argv);
    app.parse(words);
  } catch (const CLI::Success& success) {
    std::ostringstream text;
    app.exit(success, text, text);
    return EarlyExit{0, text.str()};
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    app.exit(error, text, text);
    return EarlyExit{2, Redact(text.str(), argc, argv)};
  }
  return result;
}

}  // namespace serverspace::app
