#include "server/project_health.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "collectors/registry.h"

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
  std::string text =
      collector.name + ": " + ErrorText(state.last_code, state.last_error);
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

void AddKeyFile(const exporter::ProjectStatus& project,
                std::vector<Trouble>& troubles) {
  if (project.api_key_readable) return;
  troubles.push_back(
      {Health::kWarning,
       "API key: its file gives no key, so the one before stays in use; the "
       "log says why"});
}

void AddState(const exporter::ProjectStatus& project,
              std::vector<Trouble>& troubles) {
  if (!IsOddState(project.state)) return;
  troubles.push_back({Health::kCritical, "project: its state is " +
                                             project.state + ", not active"});
}

bool IsCore(const exporter::CollectorStatus& collector) {
  const auto rows = collectors::AllCollectors();
  const auto row =
      std::ranges::find(rows, collector.name, &collectors::CollectorRow::name);
  return row != rows.end() && row->presence == collectors::Presence::kCore;
}

/// One cause stops many collectors; what they say of it is said once.
void AddCollectors(const exporter::ProjectStatus& project, MonoTime now,
                   std::vector<Trouble>& troubles) {
  constexpr std::size_t kAllInFull = 2;
  using Cause = std::pair<Health, ErrorCode>;
  std::vector<Cause> causes;
  std::map<Cause, std::vector<const exporter::CollectorStatus*>> failing;
  for (const exporter::CollectorStatus* collector : CoreFirst(project)) {
    const Health health = JudgeCollector(collector->state);
    if (health <= Health::kWaiting) continue;
    const Cause cause(health, collector->state.last_code);
    if (failing[cause].empty()) causes.push_back(cause);
    failing[cause].push_back(collector);
  }
  for (const Cause& cause : causes) {
    const auto& same = failing[cause];
    const std::size_t in_full = same.size() <= kAllInFull ? same.size() : 1;
    for (std::size_t i = 0; i < in_full; ++i)
      troubles.push_back({cause.first, CollectorText(*same[i], now)});
    if (in_full == same.size()) continue;
    std::string names;
    for (std::size_t i = in_full; i < same.size(); ++i)
      names += (names.empty() ? "" : ", ") + same[i]->name;
    troubles.push_back({cause.first, std::string(ReasonName(cause.second)) +
                                         " in " +
                                         std::to_string(same.size() - in_full) +
                                         " more collectors: " + names});
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

std::string ErrorText(ErrorCode code, std::string_view message) {
  std::string text(ReasonName(code));
  text += ": ";
  text += message;
  switch (code) {
    case ErrorCode::kAuth:
    case ErrorCode::kForbidden:
      return text + "; the API refuses the key";
    case ErrorCode::kRateLimited:
      return text + "; too many requests with this key";
    case ErrorCode::kBadResponse:
      return text + "; no answer of this API";
    default:
      return text;
  }
}

Health JudgeCollector(const exporter::CollectorState& state) {
  if (!state.success) return Health::kWaiting;
  if (*state.success) return Health::kGood;
  // A refused key does not mend itself, and without data nothing can be told.
  const bool is_blind = state.supported && !state.published;
  return state.last_code == ErrorCode::kAuth || is_blind ? Health::kCritical
                                                         : Health::kWarning;
}

bool IsOddState(std::string_view state) {
  return !state.empty() && state != "active";
}

std::vector<const exporter::CollectorStatus*> CoreFirst(
    const exporter::ProjectStatus& project) {
  std::vector<const exporter::CollectorStatus*> sorted;
  sorted.reserve(project.collectors.size());
  for (const exporter::CollectorStatus& collector : project.collectors)
    sorted.push_back(&collector);
  std::stable_partition(
      sorted.begin(), sorted.end(),
      [](const exporter::CollectorStatus* c) { return IsCore(*c); });
  return sorted;
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
  AddState(project, result.troubles);
  AddKey(project, status.now, result.troubles);
  AddKeyFile(project, result.troubles);
  for (const exporter::CollectorStatus& collector : project.collectors)
    result.health = std::max(result.health, JudgeCollector(collector.state));
  AddCollectors(project, status.now_mono, result.troubles);
  AddBlockedServers(project, result.troubles);
  std::ranges::stable_sort(result.troubles, std::ranges::greater(),
                           &Trouble::health);
  if (!result.troubles.empty())
    result.health = std::max(result.health, result.troubles.front().health);
  return result;
}

std::string SpanText(Duration duration) {
  struct Unit {
    std::int64_t seconds;
    std::int64_t limit;  // from so many on, the next one
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> kUnits = {{{1, 100, " s"},
                                                  {60, 100, " min"},
                                                  {3600, 48, " h"},
                                                  {86400, INT64_MAX, " d"}}};
  // Of two clocks that are read in turn one may be a little ahead. The longest
  // span, which std::chrono::round() cannot take, is rounded as well.
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  const bool is_more = duration - whole >= std::chrono::milliseconds(500);
  const auto seconds =
      std::max<std::int64_t>(0, whole.count() + (is_more ? 1 : 0));
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = (seconds + unit.seconds / 2) / unit.seconds;
    text = std::to_string(count) + std::string(unit.name);
    if (count < unit.limit) break;
  }
  return text;
}

}  // namespace serverspace::server
