#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "config/problem.h"

namespace serverspace::app {

/// What the log says of a configuration at the start: words without secrets and
/// of bounded length, however many projects there are.
struct ConfigSummary {
  std::string collectors;  ///< Those that are on: `project,servers`.
  std::string api_hosts;   ///< The first few: `a.example.com,3 more`.
  std::string state;       ///< The file, or `memory`.
};

/// Each as a line of its own.
void LogWarnings(const std::vector<config::Problem>& warnings, Logger& log);

ConfigSummary Summarize(const config::Config& config);

}  // namespace serverspace::app
