#include "app/config_summary.h"

#include <cstddef>
#include <set>

namespace serverspace::app {
namespace {

constexpr std::size_t kMaxHosts = 5;

void Append(std::string& list, const std::string& word) {
  if (!list.empty()) list += ',';
  list += word;
}

std::string HostList(const config::Config& config) {
  std::set<std::string> hosts;
  for (const config::ProjectSettings& project : config.projects)
    hosts.insert(project.base_url.Authority());
  std::string list;
  std::size_t count = 0;
  for (const std::string& host : hosts) {
    if (++count > kMaxHosts) {
      Append(list, std::to_string(hosts.size() - kMaxHosts) + " more");
      break;
    }
    Append(list, host);
  }
  return list;
}

}  // namespace

void LogWarnings(const std::vector<config::Problem>& warnings, Logger& log) {
  for (const config::Problem& warning : warnings) {
    log.Warn("configuration warning", {{"reason", warning.ToString()}});
  }
}

ConfigSummary Summarize(const config::Config& config) {
  ConfigSummary summary;
  for (const auto& [name, settings] : config.collectors) {
    if (settings.enabled) Append(summary.collectors, name);
  }
  summary.api_hosts = HostList(config);
  summary.state = config.state_file.empty() ? "memory" : config.state_file;
  return summary;
}

}  // namespace serverspace::app
