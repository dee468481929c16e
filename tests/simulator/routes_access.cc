#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/location.h"
#include "simulator/render.h"
#include "simulator/routes.h"

// SSH keys and affinity groups (API reference 2.11, 2.13): both change at once.

namespace serverspace::sim {
namespace {

void RenderKey(JsonWriter& json, const SshKey& key) {
  json.BeginObject()
      .Field("id", key.id)
      .Field("name", key.name)
      .Field("public_key", key.public_key)
      .EndObject();
}

Reply ListKeys(ApiCall& call) {
  return Reply::Json(WrappedList("ssh_keys", call.project.ssh_keys,
                                 [](JsonWriter& json, const auto& entry) {
                                   RenderKey(json, entry.second);
                                 }));
}

Reply GetKey(ApiCall& call) {
  const auto key = call.project.ssh_keys.find(call.number(0));
  if (key == call.project.ssh_keys.end()) return NotFound();
  return Reply::Json(Wrapped(
      "ssh_key", [&](JsonWriter& json) { RenderKey(json, key->second); }));
}

Reply CreateKey(ApiCall& call) {
  const auto name = Text(call.body, "name");
  const auto public_key = Text(call.body, "public_key");
  if (!name || !public_key) return BadBody();
  const SshKey key{.id = call.world.NextNumber("ssh_key"),
                   .name = *name,
                   .public_key = *public_key};
  call.project.ssh_keys.emplace(key.id, key);
  JsonWriter json;
  RenderKey(json, key);
  return Reply::Json(std::move(json).Take());
}

Reply DeleteKey(ApiCall& call) {
  return call.project.ssh_keys.erase(call.number(0)) == 0 ? NotFound()
                                                          : Reply::Empty();
}

std::vector<std::string> Members(const Project& project,
                                 const AffinityGroup& group) {
  std::vector<std::string> ids;
  for (const auto& [id, server] : project.servers) {
    if (server.affinity_group_id == group.id) ids.push_back(id);
  }
  return ids;
}

void RenderGroup(JsonWriter& json, const AffinityGroup& group,
                 const Project& project) {
  json.BeginObject()
      .Field("id", group.id)
      .Field("location_id", group.location_id)
      .Field("name", group.name);
  json.Field("affinity", group.affinity)
      .ArrayField("server_ids", Members(project, group))
      .EndObject();
}

Reply ListGroups(ApiCall& call) {
  const std::string* location = call.Query("location_id");
  return Reply::Json(Wrapped("affinity_groups", [&](JsonWriter& json) {
    json.BeginArray();
    for (const auto& [id, group] : call.project.affinity_groups) {
      if (location == nullptr || *location == group.location_id)
        RenderGroup(json, group, call.project);
    }
    json.EndArray();
  }));
}

Reply GroupReply(const ApiCall& call, const AffinityGroup& group) {
  return Reply::Json(Wrapped("affinity_group", [&](JsonWriter& json) {
    RenderGroup(json, group, call.project);
  }));
}

Reply GetGroup(ApiCall& call) {
  const auto group = call.project.affinity_groups.find(call.ids[0]);
  return group == call.project.affinity_groups.end()
             ? NotFound()
             : GroupReply(call, group->second);
}

Reply CreateGroup(ApiCall& call) {
  const auto name = Text(call.body, "name");
  const auto location = Text(call.body, "location_id");
  if (!name || !location) return BadBody();
  if (FindLocation(*location) == nullptr)
    return Invalid("Location does not exist");
  const AffinityGroup group{.id = call.world.NextId(*location, 'g'),
                            .location_id = *location,
                            .name = *name,
                            .affinity = call.body.contains("affinity") &&
                                        call.body["affinity"] == true};
  return GroupReply(
      call,
      call.project.affinity_groups.emplace(group.id, group).first->second);
}

Reply DeleteGroup(ApiCall& call) {
  const auto group = call.project.affinity_groups.find(call.ids[0]);
  if (group == call.project.affinity_groups.end()) return NotFound();
  if (!Members(call.project, group->second).empty())
    return Invalid("Affinity group is not empty", -19619);
  call.project.affinity_groups.erase(group);
  return DeletionReply(call, "already_completed_task");
}

constexpr Route kRoutes[] = {
    {"GET", "/ssh-keys", ListKeys, "ssh_keys"},
    {"POST", "/ssh-keys", CreateKey, "ssh_key"},
    {"GET", "/ssh-keys/{id}", GetKey, "ssh_key"},
    {"DELETE", "/ssh-keys/{id}", DeleteKey, "ssh_key"},
    {"GET", "/affinity-groups", ListGroups, "affinity_groups"},
    {"POST", "/affinity-groups", CreateGroup, "affinity_group"},
    {"GET", "/affinity-groups/{id}", GetGroup, "affinity_group"},
    {"DELETE", "/affinity-groups/{id}", DeleteGroup, "task_id"},
};

}  // namespace

std::span<const Route> AccessRoutes() { return kRoutes; }

}  // namespace serverspace::sim
