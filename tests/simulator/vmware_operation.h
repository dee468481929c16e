#pragma once

#include <string>
#include <utility>

#include "simulator/operation.h"

namespace serverspace::sim {

// States of VMware objects (API reference 2.16).
inline constexpr const char* kVmwareCreating = "creating";
inline constexpr const char* kVmwareActive = "active";
inline constexpr const char* kVmwarePoweredOff = "powered_off";
inline constexpr const char* kVmwareDeleting = "deleting";

inline TaskEngine::Plan VmwarePlan(std::string type, const char* resource,
                                   std::int64_t id, double min_seconds,
                                   double max_seconds) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.family = TaskFamily::kVmware;
  plan.min_seconds = min_seconds;
  plan.max_seconds = max_seconds;
  plan.resources = {{resource, std::to_string(id)}};
  return plan;
}

template <typename Object>
bool IsVmwareBusy(const Object& object) {
  return object.is_changing || object.state == kVmwareCreating ||
         object.state == kVmwareDeleting;
}

/// Starts a task that changes a VMware object, which shows no sign of it; the
/// id of the task. The caller has checked that nothing else changes the object.
/// `apply(object)` runs when it completed.
template <auto Objects, typename Object, typename Apply>
std::string StartVmware(ApiCall& call, Object& object, TaskEngine::Plan plan,
                        Apply apply) {
  World& world = call.world;
  Project& project = call.project;
  object.is_changing = true;
  plan.at_end = [&world, &project, id = object.id,
                 apply = std::move(apply)](Task& task) {
    WithObject<Objects>(world, project, id, [&](auto& changed) {
      changed.is_changing = false;
      if (task.outcome == TaskOutcome::kCompleted) apply(changed);
    });
  };
  world.Changed(project);
  return world.tasks().Start(project, std::move(plan));
}

/// Starts a deletion: the object reads `deleting` until the task ends. VMware
/// always answers with the task.
template <auto Objects, typename Object>
std::string StartVmwareDeletion(ApiCall& call, Object& object,
                                TaskEngine::Plan plan) {
  World& world = call.world;
  Project& project = call.project;
  const std::string before = std::exchange(object.state, kVmwareDeleting);
  plan.at_end = [&world, &project, id = object.id, before](Task& task) {
    world.Settle(project);
    if (task.outcome == TaskOutcome::kCompleted) {
      (project.*Objects).erase(id);
    } else {
      WithObject<Objects>(world, project, id,
                          [&](auto& kept) { kept.state = before; });
    }
    world.Changed(project);
  };
  world.Changed(project);
  return world.tasks().Start(project, std::move(plan));
}

}  // namespace serverspace::sim
