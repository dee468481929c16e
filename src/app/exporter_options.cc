#include "app/exporter_options.h"

#include "app/version.h"
#include "collectors/registry.h"

namespace serverspace::app {
namespace {

void AddThresholds(const config::BalanceThresholds& balance,
                   const std::string& currency,
                   std::vector<exporter::Threshold>& out) {
  if (balance.warning)
    out.push_back({.severity = "warning",
                   .currency = currency,
                   .amount = *balance.warning});
  if (balance.critical)
    out.push_back({.severity = "critical",
                   .currency = currency,
                   .amount = *balance.critical});
}

exporter::ProjectOptions MakeProject(const config::ProjectSettings& settings,
                                     const config::Config& config) {
  exporter::ProjectOptions project{
      .facts = {.name = settings.name,
                .thresholds = {},
                .api_key_expires = settings.api_key_expires},
      .base_url = settings.base_url,
      .key = settings.key};
  // The project's own come first, so that they win.
  AddThresholds(settings.balance, "", project.facts.thresholds);
  for (const auto& [currency, balance] : config.balance_by_currency) {
    AddThresholds(balance, currency, project.facts.thresholds);
  }
  return project;
}

}  // namespace

std::vector<config::CollectorDefaults> CollectorDefaults() {
  std::vector<config::CollectorDefaults> defaults;
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    defaults.push_back({.name = std::string(row.name),
                        .enabled = row.presence != collectors::Presence::kOff,
                        .interval = row.interval,
                        .needs = std::string(row.calls.per_server > 0
                                                 ? collectors::kServersCollector
                                                 : "")});
  }
  return defaults;
}

std::set<std::string, std::less<>> ProjectNames(const config::Config& config) {
  std::set<std::string, std::less<>> names;
  for (const config::ProjectSettings& project : config.projects)
    names.insert(project.name);
  return names;
}

http::HttplibTransport::Options MakeTransportOptions(
    const config::Config& config) {
  return {.ca_file = config.api.ca_file,
          .proxy_url = config.api.proxy_url,
          .no_proxy = config.api.no_proxy,
          .user_agent = "serverspace_exporter/" + ThisBuild().version};
}

exporter::ExporterOptions MakeExporterOptions(const config::Config& config) {
  exporter::ExporterOptions options;
  options.attempt_timeout = config.api.timeout;
  options.max_requests_per_second = config.api.max_requests_per_second;
  options.address_labels = config.address_labels;
  options.tasks = {.watch = config.tasks.watch,
                   .keep_finished = config.tasks.keep_finished,
                   .sharded = config.shard.count > 1};
  options.build = ThisBuild();
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    const config::CollectorSettings& settings =
        config.collectors.at(std::string(row.name));
    if (!settings.enabled) continue;
    options.collectors.push_back({.name = std::string(row.name),
                                  .collector = row.make(),
                                  .presence = row.presence,
                                  .interval = settings.interval,
                                  .stale_after = settings.stale_after,
                                  .calls = row.calls});
  }
  for (const config::ProjectSettings& project : config.projects) {
    options.projects.push_back(MakeProject(project, config));
  }
  return options;
}

}  // namespace serverspace::app
