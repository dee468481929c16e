#include "server/project_health.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace serverspace::server {
namespace {

using namespace std::chrono_literals;

/// Time enough to make a new key without haste.
constexpr Duration kKeyEndsSoon = 14 * 24h;

/// Clients of the API treat it as an error, not as a state to wait out (API
/// reference 2.4).
constexpr std::string_view kBlocked = "blocked";

Health HealthOf(std::string_view severity) {
  return severity == "critical" ? Health::kCritical : Health::kWarning;
}

std::string CollectorText(const exporter::CollectorStatus& collector,
                          MonoTime now) {
  const exporter::CollectorState& state = collector.state;
  std::string text = collector.name + ": " +
                     std::string(ReasonName(state.last_code)) + ": " +
                     state.last_error;
  if (!state.last_success_mono) return text + " (there was no data yet)";
  const std::string age = SpanText(now - *state.last_success_mono);
  return text + (state.published ? " (its data is " + age + " old)"
                                 : " (no data for " + age + ")");
}

void AddBalance(const exporter::ProjectStatus& project,
                std::vector<Trouble>& troubles) {
  const Health health = JudgeBalance(project);
  if (health == Health::kGood) return;
  std::string text = "balance: " + project.money->balance.ToString() + " " +
                     project.money->currency + " is below";
  for (const exporter::ThresholdStatus& threshold : project.thresholds) {
    if (HealthOf(threshold.severity) == health)
      text += " " + threshold.amount.ToString();
  }
  troubles.push_back({health, std::move(text)});
}

void AddKey(const exporter::ProjectStatus& project, WallTime now,
            std::vector<Trouble>& troubles) {
  if (!project.api_key_expires) return;
  const Duration left = *project.api_key_expires - now;
  if (left <= Duration::zero()) {
    troubles.push_back(
        {Health::kCritical, "API key: it ended " + SpanText(-left) + " ago"});
  } else if (left < kKeyEndsSoon) {
    troubles.push_back(
        {Health::kWarning, "API key: it ends in " + SpanText(left)});
  }
}

void AddBlockedServers(const exporter::ProjectStatus& project,
                       std::vector<Trouble>& troubles) {
  if (!project.servers_by_state) return;
  const auto blocked = project.servers_by_state->find(std::string(kBlocked));
  if (blocked == project.servers_by_state->end()) return;
  troubles.push_back(
      {Health::kWarning,
       "servers: " + std::to_string(blocked->second) + " blocked"});
}

}  // namespace

std::string_view HealthName(Health health) {
  switch (health) {
    case Health::kGood:
      return "ok";
    case Health::kWaiting:
      return "waiting";
    case Health::kWarning:
      return "warning";
    case Health::kCritical:
      break;
  }
  return "critical";
}

Health JudgeCollector(const exporter::CollectorState& state) {
  if (!state.success) return Health::kWaiting;
  if (*state.success) return Health::kGood;
  // A refused key does not mend itself, and without data nothing can be told.
  const bool is_blind = state.supported && !state.published;
  return state.last_code == ErrorCode::kAuth || is_blind ? Health::kCritical
                                                         : Health::kWarning;
}

Health JudgeBalance(const exporter::ProjectStatus& project) {
  Health health = Health::kGood;
  if (!project.money) return health;
  for (const exporter::ThresholdStatus& threshold : project.thresholds) {
    if (project.money->balance < threshold.amount)
      health = std::max(health, HealthOf(threshold.severity));
  }
  return health;
}

ProjectHealth JudgeProject(const exporter::ProjectStatus& project,
                           const exporter::Status& status) {
  ProjectHealth result;
  AddBalance(project, result.troubles);
  AddKey(project, status.now, result.troubles);
  for (const exporter::CollectorStatus& collector : project.collectors) {
    const Health health = JudgeCollector(collector.state);
    result.health = std::max(result.health, health);
    if (health > Health::kWaiting) {
      result.troubles.push_back(
          {health, CollectorText(collector, status.now_mono)});
    }
  }
  AddBlockedServers(project, result.troubles);
  std::ranges::stable_sort(result.troubles, std::ranges::greater(),
                           &Trouble::health);
  if (!result.troubles.empty())
    result.health = std::max(result.health, result.troubles.front().health);
  return result;
}

std::string SpanText(Duration duration) {
  // Of two clocks that are read in turn one may be a little ahead.
  const auto seconds = std::max<std::int64_t>(
      0, std::chrono::floor<std::chrono::seconds>(duration).count());
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " d";
}

}  // namespace serverspace::server
