#include "api/decode.h"
#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

constexpr Field<Snapshot> kSnapshotFields[] = {
    {"id", Id<&Snapshot::id>, kRequired},
    {"name", Text<&Snapshot::name>},
    {"size_mb", Mib<&Snapshot::size_bytes>, kExpected},
    {"created", Time<&Snapshot::created>, kExpected},
};

constexpr Field<BackupRule> kRuleFields[] = {
    {"keep", Count<&BackupRule::keep>},
};

constexpr Field<BackupSchedule> kScheduleFields[] = {
    {"daily", Object<&BackupSchedule::daily, kRuleFields>},
    {"weekly", Object<&BackupSchedule::weekly, kRuleFields>},
    {"monthly", Object<&BackupSchedule::monthly, kRuleFields>},
};

constexpr Field<Backup> kBackupFields[] = {
    {"enabled", Flag<&Backup::enabled>, kRequired},
    {"schedule", Object<&Backup::schedule, kScheduleFields>},
};

constexpr Field<RestorePoint> kRestorePointFields[] = {
    {"id", Id<&RestorePoint::id>, kRequired},
    {"state", Word<&RestorePoint::state, kRestorePointStates>, kExpected},
    {"size_mb", Mib<&RestorePoint::size_bytes>, kExpected},
    {"created", Time<&RestorePoint::created>},
};

}  // namespace

Result<std::vector<Snapshot>> ReadSnapshots(Answer answer, Drift& drift) {
  return ReadList<kSnapshotFields>(
      std::move(answer),
      {.route = "/servers/{id}/snapshots", .wrapper = "snapshots"}, &drift);
}

Result<Backup> ReadBackup(Answer answer, Drift& drift) {
  return ReadObject<kBackupFields>(
      std::move(answer),
      {.route = "/servers/{id}/backup", .wrapper = "backup", .is_flat = true},
      &drift);
}

Result<std::vector<RestorePoint>> ReadRestorePoints(Answer answer,
                                                    Drift& drift) {
  return ReadList<kRestorePointFields>(
      std::move(answer),
      {.route = "/servers/{id}/backup/restore-points",
       .wrapper = "restore_points"},
      &drift);
}

}  // namespace serverspace::api
