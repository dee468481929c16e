#pragma once

#include <string>

#include "app/reload.h"
#include "app/service_manager.h"
#include "base/log.h"
#include "config/config.h"

namespace serverspace::app {

/// Watches and serves until SIGTERM or SIGINT comes; SIGHUP has the
/// configuration loaded again, by `load`. All three must be blocked in all
/// threads. The service manager is told how it goes. Answers the exit status.
int Serve(const config::Config& config, const Reloader::Loader& load,
          const std::string& port_file, Logger& log,
          const ServiceManager& manager = {});

}  // namespace serverspace::app
