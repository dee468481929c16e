#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"

namespace serverspace::api {

/// Something that a task works on. The id is text whatever it is elsewhere.
struct TaskResource {
  std::string type;
  std::string id;

  /// Ids of different types may be equal.
  auto Identity() const { return std::tie(type, id); }
  friend auto operator<=>(const TaskResource&, const TaskResource&) = default;
};

/// API reference 2.2.
struct Task {
  std::string id;
  std::string type;   ///< Empty on older deployments.
  std::string state;  ///< A state that nobody knows is one of work in progress.
  std::optional<std::int64_t> progress_percent;
  std::optional<WallTime> created;
  std::optional<WallTime> completed;  ///< Absent until it has ended.
  std::vector<TaskResource> resources;
};

}  // namespace serverspace::api
