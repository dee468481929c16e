#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/report.h"
#include "base/clock.h"
#include "base/money.h"
#include "config/config.h"
#include "http/transport.h"

namespace serverspace::app {

struct BalanceQuestion {
  std::optional<std::string> project;  ///< Needed where there are several.
  std::optional<Money> warning;        ///< Else the configured one.
  std::optional<Money> critical;
};

/// `BALANCE UNKNOWN - REASON`, with status 3.
Report BalanceUnknown(std::string_view reason);

/// Asks for a balance with one request, 10 s at most, and says it as a
/// monitoring plugin does: one line with performance data, status 0 to 3. A
/// balance is bad below its threshold, not at it.
Report CheckBalance(const config::Config& config,
                    const BalanceQuestion& question, http::Transport& transport,
                    Clock& clock);

}  // namespace serverspace::app
