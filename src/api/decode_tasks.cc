#include <utility>

#include "api/decode.h"
#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

/// A task as either contract tells it.
struct WireTask {
  std::string id;
  std::string type;
  std::string state;
  std::optional<std::int64_t> progress_percent;
  std::optional<WallTime> created;
  std::optional<WallTime> completed;
  std::vector<TaskResource> resources;
  std::string server_id;
  std::string network_id;
  std::string gateway_id;
  std::string volume_id;
  std::string nic_id;
  std::string snapshot_id;
  std::string domain_id;
  std::string record_id;
  std::string cluster_id;
};

/// The name says boolean, and once it was one.
constexpr Field<WireTask>::Member StateOrFlag() {
  auto member = Word<&WireTask::state, kTaskStates>;
  member.take = [](void* item, const json::Scalar& value) {
    bool is_completed = false;
    if (!json::ReadBool(value, is_completed)) return false;
    json::At<&WireTask::state>(item) =
        is_completed ? "completed" : "inprogress";
    return true;
  };
  return member;
}

constexpr Field<TaskResource> kResourceFields[] = {
    {"type", Text<&TaskResource::type>, kRequired},
    {"id", Id<&TaskResource::id>, kRequired},
};

constexpr Field<WireTask> kTaskFields[] = {
    {"id", Id<&WireTask::id>, kRequired},
    {"is_completed", StateOrFlag(), kRequired},
    {"type", Text<&WireTask::type>},
    {"progress_percent", Count<&WireTask::progress_percent>},
    {"created", Time<&WireTask::created>},
    {"completed", Time<&WireTask::completed>},
    {"resources", List<&WireTask::resources, kResourceFields>},
    {"server_id", Id<&WireTask::server_id>},
    {"network_id", Id<&WireTask::network_id>},
    {"gateway_id", Id<&WireTask::gateway_id>},
    {"volume_id", Id<&WireTask::volume_id>},
    {"nic_id", Id<&WireTask::nic_id>},
    {"snapshot_id", Id<&WireTask::snapshot_id>},
    {"domain_id", Id<&WireTask::domain_id>},
    {"record_id", Id<&WireTask::record_id>},
    {"k8s_cluster_id", Id<&WireTask::cluster_id>},
};

/// The older id members, each with the type that `resources` has for it.
struct OlderMember {
  std::string_view type;
  std::string WireTask::*id;
};
constexpr OlderMember kOlderMembers[] = {
    {"server", &WireTask::server_id},   {"network", &WireTask::network_id},
    {"gateway", &WireTask::gateway_id}, {"volume", &WireTask::volume_id},
    {"nic", &WireTask::nic_id},         {"snapshot", &WireTask::snapshot_id},
    {"domain", &WireTask::domain_id},   {"record", &WireTask::record_id},
    {"cluster", &WireTask::cluster_id},
};

std::vector<TaskResource> ResourcesOf(WireTask& wire) {
  if (!wire.resources.empty()) return std::move(wire.resources);
  std::vector<TaskResource> resources;
  for (const OlderMember& member : kOlderMembers) {
    std::string& id = wire.*member.id;
    if (!id.empty())
      resources.push_back({std::string(member.type), std::move(id)});
  }
  return resources;
}

/// The oldest form, where it came as a text.
std::string StateOf(std::string word) {
  if (word == "true") return "completed";
  if (word == "false") return "inprogress";
  return word;
}

}  // namespace

Result<Task> ReadTask(Answer answer, Drift& drift) {
  auto read = ReadObject<kTaskFields>(
      std::move(answer), {.route = "/tasks/{id}", .wrapper = "task"}, &drift);
  if (!read.ok()) return std::move(read).error();
  WireTask& wire = read.value();
  return Task{.id = std::move(wire.id),
              .type = std::move(wire.type),
              .state = StateOf(std::move(wire.state)),
              .progress_percent = wire.progress_percent,
              .created = wire.created,
              .completed = wire.completed,
              .resources = ResourcesOf(wire)};
}

}  // namespace serverspace::api
