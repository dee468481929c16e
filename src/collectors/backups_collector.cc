#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"
#include "collectors/operations.h"
#include "collectors/server_walk.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kEnabled = {
    "serverspace_server_backup_enabled",
    Type::kGauge,
    "1 if the backup service of the server is on, else 0.",
    {"server_id"}};
constexpr Desc kKeep = {"serverspace_server_backup_keep_restore_points",
                        Type::kGauge,
                        "Restore points that a rule of the server's backup "
                        "plan keeps; absent without such a rule or where the "
                        "plan is not visible.",
                        {"server_id", "rule"}};
constexpr Desc kPoints = {"serverspace_server_backup_restore_points",
                          Type::kGauge,
                          "Restore points of the server, by state.",
                          {"server_id", "state"}};
constexpr Desc kSize = {"serverspace_server_backup_size_bytes",
                        Type::kGauge,
                        "Size of all usable restore points of the server.",
                        {"server_id"}};
constexpr Desc kNewest = {
    "serverspace_server_backup_newest_restore_point_timestamp_seconds",
    Type::kGauge,
    "When the newest usable restore point of the server was made, as seconds "
    "since 1970; the API names no time zone, and UTC is assumed.",
    {"server_id"}};

constexpr const Desc* kDescs[] = {&kEnabled,
                                  &kKeep,
                                  &kPoints,
                                  &kSize,
                                  &kNewest,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

void AddBackup(const std::string& server, const api::Backup& backup,
               metrics::SampleSet& out) {
  if (backup.enabled) out.Add(kEnabled, {server}, *backup.enabled);
  if (!backup.schedule) return;
  const auto add = [&](std::string_view name,
                       const std::optional<api::BackupRule>& rule) {
    if (rule && rule->keep) out.Add(kKeep, {server, name}, *rule->keep);
  };
  add("daily", backup.schedule->daily);
  add("weekly", backup.schedule->weekly);
  add("monthly", backup.schedule->monthly);
}

void AddPoints(const std::string& server,
               const std::vector<api::RestorePoint>& points,
               metrics::SampleSet& out) {
  std::map<std::string_view, std::size_t> by_state;
  for (const std::string_view state : api::kRestorePointStates)
    by_state[state] = 0;
  std::int64_t size_bytes = 0;
  bool all_sizes_known = true;
  std::optional<WallTime> newest;
  for (const api::RestorePoint& point : points) {
    if (!point.state.empty()) ++by_state[point.state];
    if (point.state != "active") continue;
    all_sizes_known = all_sizes_known && point.size_bytes.has_value();
    size_bytes += point.size_bytes.value_or(0);
    if (point.created) newest = std::max(newest, point.created);
  }
  for (const auto& [state, count] : by_state)
    out.Add(kPoints, {server, state}, count);
  if (all_sizes_known) out.Add(kSize, {server}, size_bytes);
  if (newest) out.Add(kNewest, {server}, *newest);
}

class BackupsCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    std::vector<std::string> in_progress;
    auto walked = ForEachServer(run, 2, [&](const std::string& server) {
      return CollectServer(run, server, in_progress, out);
    });
    if (!walked.ok()) return walked;
    AddOperations(run, "backup", {in_progress.begin(), in_progress.end()}, out);
    return {};
  }

 private:
  static Result<void> CollectServer(const Run& run, const std::string& server,
                                    std::vector<std::string>& in_progress,
                                    metrics::SampleSet& out) {
    const auto backup = run.api.GetBackup(run.call, server);
    if (!backup.ok()) return backup.error();
    const auto points = run.api.ListRestorePoints(run.call, server);
    if (!points.ok()) {
      // Not found is the server that vanished just now, as with the plan.
      if (points.error().code == ErrorCode::kNotFound) return points.error();
      return AsFailure(points.error());
    }
    AddBackup(server, backup.value(), out);
    AddPoints(server, points.value(), out);
    for (const api::RestorePoint& point : points.value()) {
      if (point.state == "in_progress")
        in_progress.push_back(server + "/" + point.id);
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeBackupsCollector() {
  return std::make_unique<BackupsCollector>();
}

}  // namespace serverspace::collectors
