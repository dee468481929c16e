#include "app/check_balance.h"

#include <algorithm>
#include <chrono>

#include "app/api_access.h"
#include "server/project_health.h"

namespace serverspace::app {
namespace {

constexpr Duration kLimit = std::chrono::seconds(10);

// The statuses of the Monitoring Plugins Development Guidelines.
constexpr int kOk = 0;
constexpr int kWarning = 1;
constexpr int kCritical = 2;
constexpr int kUnknown = 3;

/// A bar begins the performance data, a line end the text that nobody sees.
std::string OneLine(std::string_view text) {
  std::string line(text);
  while (line.ends_with('\n')) line.pop_back();
  std::ranges::replace(line, '|', '/');
  std::ranges::replace(line, '\n', ' ');
  return line;
}

const config::ProjectSettings* Find(const config::Config& config,
                                    const std::optional<std::string>& project) {
  if (!project)
    return config.projects.size() == 1 ? &config.projects.front() : nullptr;
  const auto found = std::ranges::find(config.projects, *project,
                                       &config::ProjectSettings::name);
  return found == config.projects.end() ? nullptr : &*found;
}

config::BalanceThresholds ThresholdsOf(const config::Config& config,
                                       const config::ProjectSettings& project,
                                       const std::string& currency,
                                       const BalanceQuestion& question) {
  config::BalanceThresholds thresholds{question.warning, question.critical};
  const auto fill = [&](const config::BalanceThresholds& next) {
    if (!thresholds.warning) thresholds.warning = next.warning;
    if (!thresholds.critical) thresholds.critical = next.critical;
  };
  fill(project.balance);
  const auto by_currency = config.balance_by_currency.find(currency);
  if (by_currency != config.balance_by_currency.end())
    fill(by_currency->second);
  return thresholds;
}

Report Judge(const api::Project& project,
             const config::BalanceThresholds& thresholds) {
  const bool critical =
      thresholds.critical && project.balance < *thresholds.critical;
  const bool warning =
      thresholds.warning && project.balance < *thresholds.warning;
  const std::string_view word = critical  ? "CRITICAL"
                                : warning ? "WARNING"
                                          : "OK";
  const auto text = [](const std::optional<Money>& amount) {
    return amount ? amount->ToString() : std::string();
  };
  // No unit: a currency is none of those that the guidelines know.
  const std::string balance = project.balance.ToString();
  return {.status = critical  ? kCritical
                    : warning ? kWarning
                              : kOk,
          .text = "BALANCE " + std::string(word) + " - " +
                  OneLine(balance + " " + project.currency) +
                  " | balance=" + balance + ";" + text(thresholds.warning) +
                  ";" + text(thresholds.critical) + "\n",
          .unprinted = kUnknown};
}

}  // namespace

Report BalanceUnknown(std::string_view reason) {
  return {.status = kUnknown,
          .text = "BALANCE UNKNOWN - " + OneLine(reason) + "\n",
          .unprinted = kUnknown};
}

Report CheckBalance(const config::Config& config,
                    const BalanceQuestion& question, http::Transport& transport,
                    Clock& clock) {
  const MonoTime deadline = clock.Mono() + kLimit;
  const config::ProjectSettings* settings = Find(config, question.project);
  if (settings == nullptr) {
    return BalanceUnknown(question.project
                              ? "no project has the name of --project"
                          : config.projects.empty()
                              ? "this shard has no project"
                              : "there are several projects: give --project");
  }
  ApiAccess access(config.api, transport, clock);
  const auto project = access.MakeClient(*settings, 1)
                           ->GetProject({.deadline = deadline, .stop = {}});
  if (!project.ok()) {
    return BalanceUnknown(
        server::ErrorText(project.error().code, project.error().message));
  }
  const config::BalanceThresholds thresholds =
      ThresholdsOf(config, *settings, project.value().currency, question);
  if (!thresholds.warning && !thresholds.critical)
    return BalanceUnknown("no threshold: give --warning and --critical");
  if (thresholds.warning && thresholds.critical &&
      *thresholds.warning < *thresholds.critical) {
    return BalanceUnknown("the warning threshold is below the critical one");
  }
  return Judge(project.value(), thresholds);
}

}  // namespace serverspace::app
