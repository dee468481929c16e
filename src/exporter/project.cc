#include "exporter/project.h"

#include <algorithm>
#include <set>

#include "collectors/project_metrics.h"

namespace serverspace::exporter {
namespace {

std::vector<CollectorState> InitialStates(
    const std::vector<ActiveCollector>& collectors) {
  std::vector<CollectorState> states;
  states.reserve(collectors.size());
  for (const ActiveCollector& collector : collectors) {
    states.push_back(
        {.interval = collector.interval, .stale_after = collector.stale_after});
  }
  return states;
}

/// Of each severity the first that holds for the currency.
std::vector<Threshold> Applying(const std::vector<Threshold>& thresholds,
                                std::string_view currency) {
  std::vector<Threshold> applying;
  std::set<std::string_view> said;
  for (const Threshold& threshold : thresholds) {
    const bool applies =
        threshold.currency.empty() || threshold.currency == currency;
    if (applies && said.insert(threshold.severity).second)
      applying.push_back(threshold);
  }
  return applying;
}

std::size_t FindProjectCollector(
    const std::vector<ActiveCollector>& collectors) {
  return static_cast<std::size_t>(
      std::ranges::find(collectors, "project", &ActiveCollector::name) -
      collectors.begin());
}

}  // namespace

Project::Project(ProjectFacts facts, std::unique_ptr<api::ProjectClient> client,
                 const std::vector<ActiveCollector>& collectors,
                 StateStore& store, const Clock& clock, Logger& log)
    : facts_(std::move(facts)),
      client_(std::move(client)),
      first_seen_(facts_.name, store, clock),
      ledger_(facts_.name, store, log),
      project_collector_(FindProjectCollector(collectors)),
      states_(InitialStates(collectors)) {}

void Project::AddLasting(metrics::SampleSet& out) const {
  // Before the totals: what is shown in between is told once more.
  told_version_ = ledger_.shown_version();
  std::string currency;
  if (const auto money = ledger_.shown()) {
    currency = money->currency;
    out.Add(collectors::kSpendTotal, {currency}, money->spend);
    out.Add(collectors::kTopupTotal, {currency}, money->topup);
  }
  for (const Threshold& threshold : Applying(facts_.thresholds, currency)) {
    out.Add(collectors::kBalanceThreshold, {threshold.severity},
            threshold.amount);
  }
  if (facts_.api_key_expires)
    out.Add(collectors::kApiKeyExpiry, {}, *facts_.api_key_expires);

  std::lock_guard lock(mutex_);
  if (project_collector_ < states_.size() &&
      states_[project_collector_].success) {
    out.Add(collectors::kUp, {}, *states_[project_collector_].success);
  }
}

std::vector<CollectorState> Project::States() const {
  std::lock_guard lock(mutex_);
  return states_;
}

ProjectStatus Project::GetStatus(
    const std::vector<ActiveCollector>& collectors) const {
  ProjectStatus status{.name = facts_.name,
                       .money = ledger_.shown(),
                       .thresholds = {},
                       .api_key_expires = facts_.api_key_expires,
                       .servers_by_state = {},
                       .collectors = {}};
  for (const Threshold& threshold : Applying(
           facts_.thresholds, status.money ? status.money->currency : "")) {
    status.thresholds.push_back({threshold.severity, threshold.amount});
  }
  if (const auto servers = inventory_.servers()) {
    auto& by_state = status.servers_by_state.emplace();
    for (const collectors::InventoryServer& server : *servers)
      ++by_state[server.state];
  }
  const std::vector<CollectorState> states = States();
  for (std::size_t index = 0; index < states.size(); ++index) {
    status.collectors.push_back({collectors[index].name, states[index]});
  }
  return status;
}

}  // namespace serverspace::exporter
