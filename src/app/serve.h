#pragma once

#include "app/command_line.h"
#include "base/log.h"
#include "config/config.h"

namespace serverspace::app {

/// Watches and serves until SIGTERM or SIGINT comes, which must be blocked in
/// all threads. Answers the exit status.
int Serve(const config::Config& config, const std::string& port_file,
          Logger& log);

}  // namespace serverspace::app
