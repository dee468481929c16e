#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "collectors/registry.h"
#include "config/config.h"

namespace serverspace::app {

/// `1 + 2 per server`.
std::string CallsText(const collectors::Calls& calls);

/// What one project costs.
struct ProjectPlan {
  std::string project;
  std::string host;
  int servers = 0;
  double calls_per_minute = 0;
  std::size_t series = 0;  ///< About.
  /// Collectors whose run cannot end in its time at the project's rate.
  std::vector<std::string> too_slow;
};

struct HostPlan {
  std::size_t projects = 0;
  double calls_per_minute = 0;
};

/// What a configuration costs, from the collector table.
struct Plan {
  std::vector<ProjectPlan> projects;
  std::map<std::string, HostPlan> hosts;
  double calls_per_minute = 0;
  std::size_t own_series = 0;  ///< About the exporter, whatever the projects.
  std::size_t series = 0;      ///< All of them, about.
};

/// `servers` tells how many a project has, or is taken to have. Of each
/// other kind of thing two are assumed.
Plan MakePlan(const config::Config& config,
              const std::function<int(const std::string& project)>& servers);

}  // namespace serverspace::app
