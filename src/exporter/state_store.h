#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/money.h"

namespace serverspace::exporter {

/// What is known of a project's money: enough to go on counting after a restart
/// without a gap.
struct SavedMoney {
  std::string project_id;
  std::string currency;
  Money first_balance;  ///< topup - spend = balance - first_balance, always.
  Money balance;
  Money spend;
  Money topup;

  friend bool operator==(const SavedMoney&, const SavedMoney&) = default;
};

/// Where that which must survive a restart is kept. Threads may share one.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  virtual std::optional<SavedMoney> LoadMoney(
      const std::string& project) const = 0;

  /// Takes the newest state and calls `kept` once it is where it survives;
  /// calls come in the order of the saves. A store that cannot keep anything
  /// says so by other means and calls `kept` all the same.
  virtual void SaveMoney(const std::string& project, const SavedMoney& money,
                         std::function<void()> kept) = 0;
};

/// Keeps nothing beyond the process.
class MemoryState final : public StateStore {
 public:
  std::optional<SavedMoney> LoadMoney(const std::string&) const override {
    return std::nullopt;
  }
  void SaveMoney(const std::string&, const SavedMoney&,
                 std::function<void()> kept) override {
    kept();
  }
};

}  // namespace serverspace::exporter
