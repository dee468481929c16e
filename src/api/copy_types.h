#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace serverspace::api {

// See types.h for what an absent member is.

/// API reference 2.7.
struct Snapshot {
  std::string id;
  std::string name;
  std::optional<std::int64_t> size_bytes;
  std::optional<WallTime> created;

  friend auto operator<=>(const Snapshot&, const Snapshot&) = default;
};

struct BackupRule {
  /// Restore points that it keeps.
  std::optional<std::int64_t> keep;
};

struct BackupSchedule {
  std::optional<BackupRule> daily;
  std::optional<BackupRule> weekly;
  std::optional<BackupRule> monthly;
};

/// The backup service of a server, API reference 2.15.
struct Backup {
  /// Absent where the answer tells of no server.
  std::optional<bool> enabled;
  /// Absent in the older backup model, whose plan is not visible.
  std::optional<BackupSchedule> schedule;
};

/// API reference 2.15.
struct RestorePoint {
  std::string id;
  std::string state;
  std::optional<std::int64_t> size_bytes;
  /// The API names no time zone here; it is taken for UTC.
  std::optional<WallTime> created;

  friend auto operator<=>(const RestorePoint&, const RestorePoint&) = default;
};

}  // namespace serverspace::api
