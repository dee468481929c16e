#include "exporter/money_ledger.h"

#include <utility>

namespace serverspace::exporter {
namespace {

/// `first_balance` such that topup - spend = balance - first_balance.
std::optional<Money> Baseline(Money balance, Money spend, Money topup) {
  const auto gained = Subtract(topup, spend);
  return gained ? Subtract(balance, *gained) : std::nullopt;
}

/// Counts from the present balance on.
void StartOver(SavedMoney& money) {
  money.first_balance = money.balance;
  money.spend = Money();
  money.topup = Money();
}

}  // namespace

MoneyLedger::MoneyLedger(std::string project, StateStore& store, Logger& log)
    : project_(std::move(project)),
      store_(store),
      log_(log),
      latest_(store.LoadMoney(project_)) {
  shown_->money = latest_;
}

SavedMoney MoneyLedger::Next(SavedMoney next, std::string_view project_id,
                             std::string_view currency, Money balance,
                             std::string_view& reason) const {
  const SavedMoney before = next;
  next.project_id = project_id;
  next.currency = currency;
  next.balance = balance;
  if (before.currency != currency) {
    // Amounts of another currency cannot go on in the same counter; its label
    // changes, so a new series starts at 0.
    reason = "the currency changed";
    StartOver(next);
    return next;
  }
  const auto change = Subtract(balance, before.balance);
  const auto grown = change ? Add(before.topup, *change) : std::nullopt;
  const auto shrunk = change ? Subtract(before.spend, *change) : std::nullopt;
  if (before.project_id != project_id) {
    reason = "the key belongs to another project now";
  } else if (!change || !grown || !shrunk) {
    reason = "the amounts exceed what can be counted";
  } else {
    (*change < Money() ? next.spend : next.topup) =
        *change < Money() ? *shrunk : *grown;
    return next;
  }
  // Where no first balance makes the totals add up, counters that begin at 0
  // again are right and old ones are not.
  if (const auto first = Baseline(balance, next.spend, next.topup)) {
    next.first_balance = *first;
  } else {
    StartOver(next);
  }
  return next;
}

void MoneyLedger::Observe(std::string_view project_id,
                          std::string_view currency, Money balance) {
  std::string_view reason;
  SavedMoney next;
  {
    std::lock_guard lock(mutex_);
    if (latest_) {
      next = Next(*latest_, project_id, currency, balance, reason);
    } else {
      next = {.project_id = std::string(project_id),
              .currency = std::string(currency),
              .first_balance = balance,
              .balance = balance};
    }
    if (latest_ == next) return;
    latest_ = next;
  }
  if (!reason.empty()) {
    log_.Warn(
        "the balance has a new baseline; nothing is counted as spent or topped "
        "up",
        {{"project", project_}, {"reason", reason}});
  }
  store_.SaveMoney(project_, next, [shown = shown_, next] {
    std::lock_guard lock(shown->mutex);
    shown->money = next;
    ++shown->version;
  });
}

std::optional<SavedMoney> MoneyLedger::shown() const {
  std::lock_guard lock(shown_->mutex);
  return shown_->money;
}

std::uint64_t MoneyLedger::shown_version() const {
  std::lock_guard lock(shown_->mutex);
  return shown_->version;
}

}  // namespace serverspace::exporter
