#pragma once

#include "app/report.h"
#include "base/clock.h"
#include "config/config.h"
#include "http/transport.h"

namespace serverspace::app {

/// Describes a configuration that was loaded and its plan, without any key.
/// With a transport, each project and its servers are read once, for real
/// numbers and to see that the keys are good; a project that cannot be read
/// makes the status 1. Blocks meanwhile.
Report CheckConfig(const config::Config& config, int assumed_servers,
                   http::Transport* transport, Clock& clock);

}  // namespace serverspace::app
