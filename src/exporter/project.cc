#include "exporter/project.h"

#include <algorithm>
#include <set>

#include "collectors/project_metrics.h"

namespace serverspace::exporter {
namespace {

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

}  // namespace

Project::Project(ProjectFacts facts,
                 const std::vector<ActiveCollector>& collectors,
                 StateStore& store, const Clock& clock, Logger& log)
    : name_(facts.name),
      first_seen_(name_, store, clock),
      ledger_(name_, store, log),
      tasks_(name_, store, clock, log) {
  Configure(std::move(facts), collectors);
}

void Project::Configure(ProjectFacts facts,
                        const std::vector<ActiveCollector>& collectors) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  std::vector<CollectorState> states;
  for (const ActiveCollector& collector : collectors) {
    names.push_back(collector.name);
    const auto known = std::ranges::find(collectors_, collector.name);
    CollectorState& state = states.emplace_back();
    if (known != collectors_.end()) {
      state = std::move(
          states_[static_cast<std::size_t>(known - collectors_.begin())]);
    }
    state.interval = collector.interval;
    state.stale_after = collector.stale_after;
    if (collector.calls.grow_with_project() && !state.skipped_runs)
      state.skipped_runs = 0;
  }
  facts_ = std::move(facts);
  unwatched_currency_.clear();
  collectors_ = std::move(names);
  states_ = std::move(states);
  const auto is_off = [&](std::string_view collector) {
    return std::ranges::find(collectors_, collector) == collectors_.end();
  };
  for (const std::string_view collector :
       {collectors::kServersCollector, collectors::kVmwareCollector}) {
    if (is_off(collector)) ForgetServerList(collector);
  }
}

void Project::ForgetServerList(std::string_view collector) {
  if (collector == collectors::kServersCollector) inventory_.Clear();
  if (collector == collectors::kVmwareCollector) inventory_.ClearVmware();
}

void Project::Connect(std::unique_ptr<api::ProjectClient> client,
                      std::shared_ptr<ProjectKey> key) {
  client_ = std::move(client);
  key_ = std::move(key);
}

bool Project::LookAtKey() {
  if (key_ == nullptr) return false;
  const bool before = key_->readable();
  key_->Current();
  return key_->readable() != before;
}

void Project::AddLasting(metrics::SampleSet& out) const {
  // Before the totals: what is shown in between is told once more.
  told_version_ = ledger_.shown_version();
  std::string currency;
  if (const auto money = ledger_.shown()) {
    currency = money->currency;
    out.Add(collectors::kSpendTotal, {currency}, money->spend);
    out.Add(collectors::kTopupTotal, {currency}, money->topup);
  }
  if (key_ != nullptr)
    out.Add(collectors::kApiKeyReadable, {}, key_->readable());

  std::lock_guard lock(mutex_);
  for (const Threshold& threshold : Applying(facts_.thresholds, currency)) {
    out.Add(collectors::kBalanceThreshold, {threshold.severity},
            threshold.amount);
  }
  if (facts_.api_key_expires)
    out.Add(collectors::kApiKeyExpiry, {}, *facts_.api_key_expires);
  const CollectorState* state = FindState(collectors::kProjectCollector);
  if (state != nullptr && state->success)
    out.Add(collectors::kUp, {}, *state->success);
}

std::optional<std::string> Project::TakeUnwatchedCurrency() {
  const auto money = ledger_.shown();
  std::lock_guard lock(mutex_);
  if (!money || money->currency == unwatched_currency_ ||
      facts_.thresholds.empty() ||
      !Applying(facts_.thresholds, money->currency).empty()) {
    return std::nullopt;
  }
  unwatched_currency_ = money->currency;
  return unwatched_currency_;
}

const CollectorState* Project::FindState(std::string_view collector) const {
  const auto found = std::ranges::find(collectors_, collector);
  if (found == collectors_.end()) return nullptr;
  return &states_[static_cast<std::size_t>(found - collectors_.begin())];
}

std::vector<CollectorState> Project::States() const {
  std::lock_guard lock(mutex_);
  return states_;
}

bool Project::IsRead() const {
  const MonoTime since = key_since();
  std::lock_guard lock(mutex_);
  const CollectorState* state = FindState(collectors::kProjectCollector);
  // Without the collector nobody can tell, and a key that is refused may be
  // answered with "not found" whatever it asks for.
  return state != nullptr && state->success.value_or(false) &&
         state->last_success_mono && *state->last_success_mono >= since;
}

ProjectStatus Project::GetStatus() {
  ProjectStatus status{.name = name_,
                       .money = {},
                       .thresholds = {},
                       .api_key_expires = {},
                       .api_key_readable = key_ == nullptr || key_->readable(),
                       .state = {},
                       .servers_by_state = {},
                       .collectors = {},
                       .tasks = tasks_.Summary()};
  const auto money = ledger_.shown();
  std::lock_guard lock(mutex_);
  // What is too old for the page of metrics is too old for people.
  const auto published = [&](std::string_view collector) {
    const CollectorState* state = FindState(collector);
    return state != nullptr && state->published;
  };
  if (published(collectors::kProjectCollector)) {
    status.money = money;
    status.state = inventory_.project_state();
  }
  const auto servers =
      published(collectors::kServersCollector) ? inventory_.servers() : nullptr;
  if (servers != nullptr) {
    auto& by_state = status.servers_by_state.emplace();
    for (const collectors::InventoryServer& server : *servers)
      ++by_state[server.state];
  }
  status.api_key_expires = facts_.api_key_expires;
  for (const Threshold& threshold :
       Applying(facts_.thresholds, money ? money->currency : "")) {
    status.thresholds.push_back({threshold.severity, threshold.amount});
  }
  for (std::size_t index = 0; index < states_.size(); ++index)
    status.collectors.push_back({collectors_[index], states_[index]});
  return status;
}

ServerLists Project::GetServerLists() const {
  ServerLists found{.project = name_, .lists = {}};
  bool servers_read = false;
  bool servers_refused = false;
  std::lock_guard lock(mutex_);
  for (std::size_t index = 0; index < collectors_.size(); ++index) {
    const std::string& collector = collectors_[index];
    if (!MakesServerList(collector)) continue;
    servers_read |= collector == collectors::kServersCollector;
    const CollectorState& state = states_[index];
    auto list = collector == collectors::kServersCollector
                    ? inventory_.servers()
                    : inventory_.vmware_servers();
    if (list != nullptr) {
      found.lists.push_back(std::move(list));
    } else if (!state.supported) {
      continue;
    } else if (state.success == false && state.last_code == ErrorCode::kAuth) {
      found.refused = true;
      servers_refused |= collector == collectors::kServersCollector;
    } else {
      found.awaited = true;
    }
  }
  // A key that is good for VMware is not refused: something else is amiss. The
  // other way round the project may just not have that product.
  if (servers_refused && !found.lists.empty()) found.awaited = true;
  // Nobody can say that there are no servers.
  found.unread = !servers_read;
  return found;
}

}  // namespace serverspace::exporter
