#pragma once

#include "metrics/desc.h"

namespace serverspace::collectors {

// Told of a project whether or not its last read succeeded. They belong to the
// `project` collector but never go stale, so whoever keeps their values
// publishes them.

inline constexpr metrics::Desc kUp = {
    "serverspace_up",
    metrics::Type::kGauge,
    "1 if the last read of the project succeeded, else 0.",
    {}};
inline constexpr metrics::Desc kBalanceThreshold = {
    "serverspace_project_balance_threshold",
    metrics::Type::kGauge,
    "Balance below which to alert, as configured.",
    {"severity"}};
inline constexpr metrics::Desc kSpendTotal = {
    "serverspace_project_spend_total",
    metrics::Type::kCounter,
    "Observed falls of the balance, in units of its currency; moves between "
    "two polls are netted.",
    {"currency"}};
inline constexpr metrics::Desc kTopupTotal = {
    "serverspace_project_topup_total",
    metrics::Type::kCounter,
    "Observed rises of the balance, refunds included, in units of its "
    "currency.",
    {"currency"}};
inline constexpr metrics::Desc kApiKeyExpiry = {
    "serverspace_project_api_key_expiry_timestamp_seconds",
    metrics::Type::kGauge,
    "When the API key ends, as configured, as seconds since 1970.",
    {}};
inline constexpr metrics::Desc kApiKeyReadable = {
    "serverspace_project_api_key_readable",
    metrics::Type::kGauge,
    "0 while the project's key file gives no key and the one before is used, "
    "else 1.",
    {}};

}  // namespace serverspace::collectors
