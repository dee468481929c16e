#include "simulator/render.h"
#include "simulator/routes.h"

namespace serverspace::sim {
namespace {

struct LegacyField {
  std::string_view resource;
  std::string_view field;
  bool is_number;
};

// One id member per resource, as the older contract had it (API reference 2.2).
constexpr LegacyField kLegacyFields[] = {
    {"server", "server_id", false},   {"network", "network_id", false},
    {"gateway", "gateway_id", false}, {"volume", "volume_id", true},
    {"nic", "nic_id", true},          {"snapshot", "snapshot_id", true},
    {"domain", "domain_id", false},   {"record", "record_id", true},
};

void RenderLegacyFields(JsonWriter& json, const Task& task) {
  for (const LegacyField& legacy : kLegacyFields) {
    for (const auto& [type, id] : task.resources) {
      if (type != legacy.resource) continue;
      if (legacy.is_number) {
        json.RawField(legacy.field, id);
      } else {
        json.Field(legacy.field, id);
      }
    }
  }
}

void RenderResources(JsonWriter& json, const Task& task) {
  if (task.resources.empty()) return;
  json.Key("resources").BeginArray();
  for (const auto& [type, id] : task.resources) {
    json.BeginObject().Field("type", type).Field("id", id).EndObject();
  }
  json.EndArray();
}

void RenderTask(JsonWriter& json, const Task& task, Time now,
                Generation generation) {
  const bool terminal = task.completed.has_value();
  const bool kubernetes = task.family == TaskFamily::kKubernetes;
  const auto time = [&](Time moment) {
    return task.family == TaskFamily::kVstack ? FormatTime(moment)
                                              : FormatTimeToSecond(moment);
  };
  std::string state = task.State(now);
  json.BeginObject().Field("id", task.id);
  if (generation == Generation::kG2) {
    json.Field("type", task.type).Field("progress_percent", task.Progress(now));
  } else if (state == "Canceled") {
    state = "Failed";
  }
  json.Field("is_completed", state).Field("created", time(task.created));
  if (terminal) json.Field("completed", time(*task.completed));
  if (state != "New") json.OptionalField("location_id", task.location_id);
  if (kubernetes && !task.resources.empty())
    json.Field("k8s_cluster_id", task.resources.front().second);
  if (terminal && task.family != TaskFamily::kVmware && !kubernetes)
    RenderLegacyFields(json, task);
  if (generation == Generation::kG2 && (terminal || kubernetes))
    RenderResources(json, task);
  json.EndObject();
}

Reply GetTask(ApiCall& call) {
  if (call.ids[0] == "already_completed_task") {
    return Reply::Json(
        R"({"task":{"id":"already_completed_task","is_completed":"Completed"}})");
  }
  const Task* task = call.world.tasks().Find(call.ids[0]);
  if (task == nullptr || task->project != &call.project) return NotFound();
  return Reply::Json(Wrapped("task", [&](JsonWriter& json) {
    RenderTask(json, *task, call.world.now(), call.project.generation);
  }));
}

constexpr Route kRoutes[] = {
    {"GET", "/tasks/{id}", GetTask, "task"},
};

}  // namespace

std::span<const Route> TaskRoutes() { return kRoutes; }

}  // namespace serverspace::sim
