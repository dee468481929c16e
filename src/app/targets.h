#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "exporter/server_lists.h"
#include "server/sd_filter.h"

namespace serverspace::app {

/// The file for Prometheus' file_sd_configs that a single pass writes.
struct TargetsFile {
  std::string path;  ///< Empty for none.
  server::SdFilter filter;
};

/// The same configuration with only what the file needs: the projects that are
/// asked for, the collectors of servers, no state that another exporter may
/// own.
config::Config ConfigForTargets(config::Config config,
                                const server::SdFilter& filter);

/// What is to be written. An error if the list of any project asked for is
/// missing, whatever the reason: this pass remembers no former list, and what
/// is not in the file is dropped by Prometheus.
Result<std::string> MakeTargets(std::vector<exporter::ServerLists> lists,
                                const server::SdFilter& filter);

}  // namespace serverspace::app
