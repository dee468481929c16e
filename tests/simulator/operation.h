#pragma once

#include <string>
#include <utility>

#include "simulator/api_call.h"

namespace serverspace::sim {

/// Whether a vStack object takes no change now: the answer is then Conflict().
inline bool IsUnsettled(const std::string& state) {
  return state == kNew || state == kBusy;
}

/// The state an object has when nothing happens to it.
inline const char* SettledState(const Project& project) {
  return project.state == kBlocked ? kBlocked : kActive;
}

/// Runs `action(world, project, object)` if the object still exists, with the
/// charges settled before. `Objects` is a map of the project, such as
/// `&Project::servers`.
template <auto Objects, typename Id, typename Action>
void WithObject(World& world, Project& project, const Id& id,
                const Action& action) {
  const auto found = (project.*Objects).find(id);
  if (found == (project.*Objects).end()) return;
  world.Settle(project);
  action(found->second);
  world.Changed(project);
}

/// Makes the object settle some time after the task that was planned for it.
template <auto Objects, typename Id>
void SettleAfter(World& world, Project& project, const Id& id,
                 TaskEngine::Plan& plan) {
  plan.at_settled = [&world, &project, id] {
    WithObject<Objects>(world, project, id, [&](auto& object) {
      if (IsUnsettled(object.state)) object.state = SettledState(project);
    });
  };
}

/// Starts a task that changes a vStack object, which is Busy meanwhile.
/// `apply(object, task)` runs when the task completed; a failed one changes
/// nothing. Returns the answer.
template <auto Objects, typename Object, typename Apply>
Reply StartChange(ApiCall& call, Object& object, TaskEngine::Plan plan,
                  Apply apply) {
  if (IsUnsettled(object.state)) return Conflict();
  if (object.state == kBlocked) return Invalid("Object is blocked");
  World& world = call.world;
  Project& project = call.project;
  const auto id = object.id;
  plan.location_id = object.location_id;
  plan.at_end = [&world, &project, id, apply = std::move(apply)](Task& task) {
    if (task.outcome != TaskOutcome::kCompleted) return;
    WithObject<Objects>(world, project, id,
                        [&](auto& changed) { apply(changed, task); });
  };
  SettleAfter<Objects>(world, project, id, plan);
  object.state = kBusy;
  world.Changed(project);
  return TaskReply(world.tasks().Start(project, std::move(plan)));
}

/// Starts a task for an object that was just put into its map as New.
/// `apply(object, task)` completes it; a failed order takes it away.
template <auto Objects, typename Object, typename Apply>
Reply StartCreation(ApiCall& call, const Object& object, TaskEngine::Plan plan,
                    Apply apply) {
  World& world = call.world;
  Project& project = call.project;
  const auto id = object.id;
  plan.location_id = object.location_id;
  plan.at_end = [&world, &project, id, apply = std::move(apply)](Task& task) {
    if (task.outcome == TaskOutcome::kCompleted) {
      WithObject<Objects>(world, project, id,
                          [&](auto& made) { apply(made, task); });
      return;
    }
    (project.*Objects).erase(id);
    world.Changed(project);
  };
  SettleAfter<Objects>(world, project, id, plan);
  world.Changed(project);
  return TaskReply(world.tasks().Start(project, std::move(plan)));
}

/// Starts the deletion of a vStack object. It stays listed as Busy and vanishes
/// with the end of the task (API reference 2.4: there is no deleting state).
template <auto Objects, typename Object>
Reply StartDeletion(ApiCall& call, Object& object, TaskEngine::Plan plan) {
  if (IsUnsettled(object.state)) return Conflict();
  World& world = call.world;
  Project& project = call.project;
  const auto id = object.id;
  plan.location_id = object.location_id;
  plan.at_end = [&world, &project, id](Task& task) {
    if (task.outcome != TaskOutcome::kCompleted) return;
    world.Settle(project);
    (project.*Objects).erase(id);
    world.Changed(project);
  };
  SettleAfter<Objects>(world, project, id, plan);
  object.state = kBusy;
  world.Changed(project);
  return DeletionReply(call, world.tasks().Start(project, std::move(plan)));
}

}  // namespace serverspace::sim
