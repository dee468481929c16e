#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/project_client.h"
#include "base/clock.h"
#include "base/log.h"
#include "collectors/inventory.h"
#include "collectors/registry.h"
#include "exporter/collector_state.h"
#include "exporter/first_seen_book.h"
#include "exporter/money_ledger.h"
#include "exporter/project_key.h"
#include "exporter/project_tasks.h"
#include "exporter/server_lists.h"
#include "exporter/state_store.h"
#include "exporter/status.h"

namespace serverspace::exporter {

/// A collector that is switched on, with its settings; the same for all
/// projects.
struct ActiveCollector {
  std::string name;
  std::unique_ptr<const collectors::Collector> collector;
  collectors::Presence presence = collectors::Presence::kOn;
  Duration interval{};
  Duration stale_after{};
  collectors::Calls calls{};
};

/// Balance limits of one severity, by currency; an empty currency stands for
/// any.
struct Threshold {
  std::string severity;
  std::string currency;
  Money amount;
};

/// What the configuration says of a project beyond how to reach it.
struct ProjectFacts {
  std::string name;
  std::vector<Threshold>
      thresholds;  ///< The project's own before those of its currency.
  std::optional<WallTime> api_key_expires;
};

/// Everything that belongs to one project: how to ask, what is remembered, how
/// its collectors fare. It shares nothing with other projects but the page and
/// the host's slots. Threads may share it.
class Project {
 public:
  /// To be connected before the first run.
  Project(ProjectFacts facts, const std::vector<ActiveCollector>& collectors,
          StateStore& store, const Clock& clock, Logger& log);

  /// Takes over what changed, other than the name; called while no run is in
  /// progress. What a collector that stays on knows is kept.
  void Configure(ProjectFacts facts,
                 const std::vector<ActiveCollector>& collectors);
  /// From now on asks in this way; called while no run is in progress. `key` is
  /// the one that `client` uses.
  void Connect(std::unique_ptr<api::ProjectClient> client,
               std::shared_ptr<ProjectKey> key);

  /// Forgets the list of servers that a collector has made, if it makes one.
  void ForgetServerList(std::string_view collector);

  const std::string& name() const { return name_; }
  /// Null if nobody looks after it.
  const std::shared_ptr<ProjectKey>& key() const { return key_; }
  api::ProjectClient& client() { return *client_; }
  collectors::Inventory& inventory() { return inventory_; }
  FirstSeenBook& first_seen() { return first_seen_; }
  MoneyLedger& ledger() { return ledger_; }
  ProjectTasks& tasks() { return tasks_; }

  /// Whether this is the key that it asks with already.
  bool UsesKey(const Secret& key) const {
    return key_ != nullptr && key_->Uses(key);
  }
  /// When the present key was first used.
  MonoTime key_since() const {
    return key_ == nullptr ? MonoTime::min() : key_->since();
  }

  /// Looks at the key's file without waiting for the next request. True if it
  /// was readable and is not any more, or the reverse.
  bool LookAtKey();

  /// Adds what never goes stale: up, thresholds, what is known of the key,
  /// spend and top-up.
  void AddLasting(metrics::SampleSet& out) const;
  /// Whether AddLasting would tell of other totals than it did last: they may
  /// be shown only some time after the run that found them.
  bool HasNewTotals() const { return ledger_.shown_version() != told_version_; }

  /// The currency of the balance if thresholds are configured, and none for it;
  /// once for each currency and configuration.
  std::optional<std::string> TakeUnwatchedCurrency();

  /// Runs `change` on the state of collector `index` and gives its result,
  /// under the lock.
  template <typename Change>
  auto WithState(std::size_t index, Change change) {
    std::lock_guard lock(mutex_);
    return change(states_[index]);
  }
  /// A copy of all states, in the order of the collectors.
  std::vector<CollectorState> States() const;

  ServerLists GetServerLists() const;
  /// Whether the project was read when that was last tried, with the present
  /// key: then "not found" is about what was asked for. With the collector
  /// `project` off nobody knows, and it is not.
  bool IsRead() const;

  ProjectStatus GetStatus();

  /// Held while what the states say is put on the page, so that an older word
  /// never overtakes a newer one.
  std::unique_lock<std::mutex> LockPublishing() {
    return std::unique_lock(publishing_);
  }

 private:
  /// Null if the collector is off. Called with mutex_ held.
  const CollectorState* FindState(std::string_view collector) const;

  const std::string name_;
  std::unique_ptr<api::ProjectClient> client_;
  std::shared_ptr<ProjectKey> key_;  // null if nobody looks after it
  collectors::Inventory inventory_;
  FirstSeenBook first_seen_;
  MoneyLedger ledger_;
  ProjectTasks tasks_;
  mutable std::atomic<std::uint64_t> told_version_ = 0;  // of the ledger
  std::mutex publishing_;     // see LockPublishing; taken before mutex_
  mutable std::mutex mutex_;  // guards the rest
  ProjectFacts facts_;
  std::string unwatched_currency_;       // as last taken; empty for none
  std::vector<std::string> collectors_;  // by name
  std::vector<CollectorState> states_;   // in their order
};

}  // namespace serverspace::exporter
