#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/commands.h"
#include "app/report.h"
#include "app/targets.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/money.h"
#include "config/load.h"

namespace serverspace::app {

/// What the command line asks for.
struct CommandLine {
  Command command = Command::kServe;
  std::optional<std::string> config_file;
  std::vector<config::FlagValue> flags;  ///< Those of `config::Options()`.
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;

  // Each of these belongs to one command.
  std::string
      port_file;  ///< Where to write the bound addresses; empty for nowhere.
  bool online = false;
  int assumed_servers = 10;
  std::string output;  ///< Empty for standard output.
  TargetsFile targets;
  Duration timeout = std::chrono::minutes(2);
  std::optional<Money> warning;
  std::optional<Money> critical;
  std::optional<std::string> project;
  std::optional<std::string> url;
};

/// Nothing to do but to say this, and where.
struct EarlyExit {
  Report report;
  bool to_stdout = false;
};

/// Reads the arguments. --help and --version are an early exit with status 0, a
/// fault one with the status that the command has for it.
std::variant<CommandLine, EarlyExit> ParseCommandLine(
    int argc, const char* const* argv,
    std::span<const config::CollectorDefaults> collectors);

}  // namespace serverspace::app
