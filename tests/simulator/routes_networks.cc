#include <nlohmann/json.hpp>

#include "simulator/location.h"
#include "simulator/network_members.h"
#include "simulator/operation.h"
#include "simulator/render.h"
#include "simulator/routes.h"

// Isolated networks (API reference 2.8).

namespace serverspace::sim {
namespace {

TaskEngine::Plan Plan(std::string type, const Network& network) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.resources = {{"network", network.id}};
  return plan;
}

Network* FindNetwork(ApiCall& call) {
  const auto found = call.project.networks.find(call.ids[0]);
  return found == call.project.networks.end() ? nullptr : &found->second;
}

void RenderNetwork(JsonWriter& json, const Network& network,
                   const Project& project) {
  json.BeginObject()
      .Field("id", network.id)
      .Field("location_id", network.location_id);
  json.Field("name", network.name).Field("description", network.description);
  json.Field("network_prefix", network.network_prefix)
      .Field("mask", network.mask);
  json.ArrayField("server_ids", ServersOf(project, network.id));
  const auto gateways = GatewaysOf(project, network.id);
  if (project.generation == Generation::kG2 && !gateways.empty())
    json.ArrayField("gateway_ids", gateways);
  json.Field("state", network.state)
      .Field("created", FormatTime(network.created));
  json.ArrayField("tags", network.tags).EndObject();
}

Reply NetworkReply(const Network& network, const Project& project) {
  return Reply::Json(Wrapped("isolated_network", [&](JsonWriter& json) {
    RenderNetwork(json, network, project);
  }));
}

Reply ListNetworks(ApiCall& call) {
  return Reply::Json(WrappedList("isolated_networks", call.project.networks,
                                 [&](JsonWriter& json, const auto& entry) {
                                   RenderNetwork(json, entry.second,
                                                 call.project);
                                 }));
}

Reply GetNetwork(ApiCall& call) {
  const Network* network = FindNetwork(call);
  return network == nullptr ? NotFound() : NetworkReply(*network, call.project);
}

Reply CreateNetwork(ApiCall& call) {
  const auto location = Text(call.body, "location_id");
  const auto name = Text(call.body, "name");
  if (!location || !name || name->empty()) return BadBody();
  if (FindLocation(*location) == nullptr)
    return Invalid("Location does not exist");
  Network network;
  network.id = call.world.NextId(*location, 'n');
  network.location_id = *location;
  network.name = *name;
  network.description = Text(call.body, "description").value_or("");
  network.network_prefix =
      Text(call.body, "network_prefix").value_or("10.0.0.0");
  network.mask = static_cast<int>(Integer(call.body, "mask").value_or(24));
  network.state = kNew;
  network.created = call.world.now();
  const Network& placed =
      call.project.networks.emplace(network.id, network).first->second;
  return StartCreation<&Project::networks>(
      call, placed, Plan("CreateNetwork", placed), [](Network&, Task&) {});
}

Reply UpdateNetwork(ApiCall& call) {
  Network* network = FindNetwork(call);
  if (network == nullptr) return NotFound();
  if (!call.body.is_object()) return BadBody();
  if (IsUnsettled(network->state)) return Conflict();
  network->name = Text(call.body, "name").value_or(network->name);
  network->description =
      Text(call.body, "description").value_or(network->description);
  call.world.Changed(call.project);
  return NetworkReply(*network, call.project);
}

Reply DeleteNetwork(ApiCall& call) {
  Network* network = FindNetwork(call);
  if (network == nullptr) return NotFound();
  if (!ServersOf(call.project, network->id).empty() ||
      !GatewaysOf(call.project, network->id).empty()) {
    return Invalid("Network still has servers or gateways", -19511);
  }
  return StartDeletion<&Project::networks>(call, *network,
                                           Plan("DeleteNetwork", *network));
}

constexpr Route kRoutes[] = {
    {"GET", "/networks/isolated", ListNetworks, "isolated_networks"},
    {"POST", "/networks/isolated", CreateNetwork, "task_id"},
    {"GET", "/networks/isolated/{id}", GetNetwork, "isolated_network"},
    {"PUT", "/networks/isolated/{id}", UpdateNetwork, "isolated_network"},
    {"DELETE", "/networks/isolated/{id}", DeleteNetwork, "task_id"},
};

}  // namespace

std::span<const Route> NetworkRoutes() { return kRoutes; }

}  // namespace serverspace::sim
