#pragma once

#include <string>

#include "config/config.h"

namespace serverspace::app {

/// What the log says of a configuration at the start: words without secrets and
/// of bounded length, however many projects there are.
struct ConfigSummary {
  std::string collectors;  ///< Those that are on: `project,servers`.
  std::string api_hosts;   ///< The first few: `a.example.com,3 more`.
  std::string state;       ///< The file, or `memory`.
};

ConfigSummary Summarize(const config::Config& config);

}  // namespace serverspace::app
