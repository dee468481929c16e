#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "config/load.h"

namespace serverspace::app {

/// What the command line asks for.
struct CommandLine {
  std::optional<std::string> config_file;
  std::vector<config::FlagValue> flags;  ///< Those of `config::Options()`.
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  std::string
      port_file;  ///< Where to write the bound addresses; empty for nowhere.
};

/// Nothing to do but to print `text` and end with `status`.
struct EarlyExit {
  int status = 0;
  std::string text;
};

/// Reads the arguments. --help and --version are an early exit with status 0, a
/// fault one with status 2.
std::variant<CommandLine, EarlyExit> ParseCommandLine(
    int argc, const char* const* argv,
    std::span<const config::CollectorDefaults> collectors);

}  // namespace serverspace::app
