#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/log.h"
#include "collectors/ledger.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

/// Adds up what a project's balance lost and gained, from one read to the next,
/// in exact integers. A total is shown only once the store has kept it, so that
/// a crash never takes a shown amount back. Threads may share it; the store may
/// call back after it is gone.
class MoneyLedger final : public collectors::Ledger {
 public:
  /// `store` and `log` outlive the ledger.
  MoneyLedger(std::string project, StateStore& store, Logger& log);

  void Observe(std::string_view project_id, std::string_view currency,
               Money balance) override;

  /// What may be shown; nothing before the first balance was read, in this life
  /// or a former one.
  std::optional<SavedMoney> shown() const;
  /// Grows each time the store has kept what may be shown from then on.
  std::uint64_t shown_version() const;

 private:
  /// Shared with the calls that the store still owes.
  struct Shown {
    std::mutex mutex;  // guards both
    std::optional<SavedMoney> money;
    std::uint64_t version = 0;
  };

  /// The state after a balance; where no difference can be taken, a new
  /// baseline with `reason` set.
  SavedMoney Next(SavedMoney next, std::string_view project_id,
                  std::string_view currency, Money balance,
                  std::string_view& reason) const;

  const std::string project_;
  StateStore& store_;
  Logger& log_;
  std::mutex mutex_;  // guards latest_
  std::optional<SavedMoney> latest_;
  const std::shared_ptr<Shown> shown_ = std::make_shared<Shown>();
};

}  // namespace serverspace::exporter
