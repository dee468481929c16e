#include <nlohmann/json.hpp>

#include "simulator/addresses.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/vmware_catalogue.h"
#include "simulator/vmware_operation.h"

// VMware networks, their edges, and the VMware catalogues (API reference 2.16).

namespace serverspace::sim {
namespace {

using nlohmann::json;

constexpr const char* kIsolated = "private_client";
constexpr const char* kRouted = "routed_client";
constexpr const char* kPublic = "public_client";

VmwareNetwork* Find(ApiCall& call) {
  const auto found = call.project.vmware_networks.find(call.number(0));
  return found == call.project.vmware_networks.end() ? nullptr : &found->second;
}

TaskEngine::Plan Plan(std::string type, const VmwareNetwork& network,
                      double min_seconds = 10, double max_seconds = 20) {
  return VmwarePlan(std::move(type), "network", network.id, min_seconds,
                    max_seconds);
}

std::size_t NicsOn(const Project& project, std::int64_t network_id) {
  std::size_t count = 0;
  for (const auto& [id, server] : project.vmware_servers) {
    for (const VmwareNic& nic : server.nics)
      count += nic.network_id == network_id ? 1 : 0;
  }
  return count;
}

void RenderNetwork(JsonWriter& out, const VmwareNetwork& network,
                   const Project& project) {
  out.BeginObject()
      .Field("id", network.id)
      .Field("location_id", network.location_id)
      .Field("type", network.type);
  out.Field("name", network.name)
      .Field("address", network.address)
      .Field("mask", network.mask);
  out.OptionalField("gateway", network.gateway)
      .OptionalField("edge_external_ip", network.edge_external_ip);
  if (network.bandwidth_mbps)
    out.Field("bandwidth_mbps", *network.bandwidth_mbps);
  out.Field("is_dhcp", network.is_dhcp);
  if (network.type != kIsolated) out.Field("shared", false);
  out.Field("state", network.state)
      .Field("nics_count", NicsOn(project, network.id))
      .EndObject();
}

Reply ListNetworks(ApiCall& call) {
  const auto filter = VmwareLocationFilter(call);
  if (filter.is_unknown) return UnknownVmwareLocation();
  const std::string* type = call.Query("type");
  return Reply::Json(Wrapped("networks", [&](JsonWriter& out) {
    out.BeginArray();
    for (const auto& [id, network] : call.project.vmware_networks) {
      if (filter.Wants(network.location_id) &&
          (type == nullptr || *type == network.type)) {
        RenderNetwork(out, network, call.project);
      }
    }
    out.EndArray();
  }));
}

Reply GetNetwork(ApiCall& call) {
  const VmwareNetwork* network = Find(call);
  if (network == nullptr) return NotFound();
  return Reply::Json(Wrapped("network", [&](JsonWriter& out) {
    RenderNetwork(out, *network, call.project);
  }));
}

Reply Create(ApiCall& call, std::string_view type) {
  const auto location = Integer(call.body, "location_id");
  const auto name = Text(call.body, "name");
  if (!location || !name || name->empty()) return BadBody();
  if (!IsVmwareLocation(*location)) return UnknownVmwareLocation();
  VmwareNetwork network;
  network.id = call.world.NextNumber("vmware_network");
  network.location_id = *location;
  network.type = type;
  network.name = *name;
  network.address = Text(call.body, "address").value_or("10.60.0.0");
  network.mask = static_cast<int>(Integer(call.body, "mask").value_or(24));
  network.gateway =
      Text(call.body, "gateway").value_or(type == kIsolated ? "" : "10.60.0.1");
  if (type != kIsolated)
    network.bandwidth_mbps = Integer(call.body, "bandwidth_mbps").value_or(50);
  network.state = kVmwareCreating;
  TaskEngine::Plan plan =
      Plan("CreateNetwork", network, type == kRouted ? 55 : 10,
           type == kRouted ? 63 : 20);
  World& world = call.world;
  Project& project = call.project;
  plan.at_end = [&world, &project, id = network.id](Task& task) {
    WithObject<&Project::vmware_networks>(
        world, project, id, [&](VmwareNetwork& made) {
          made.state =
              task.outcome == TaskOutcome::kCompleted ? kVmwareActive : "error";
          if (made.type == kRouted)
            made.edge_external_ip = PublicAddress(made.id);
        });
  };
  project.vmware_networks.emplace(network.id, std::move(network));
  return TaskReply(world.tasks().Start(project, std::move(plan)));
}

Reply CreateIsolated(ApiCall& call) { return Create(call, kIsolated); }
Reply CreateRouted(ApiCall& call) { return Create(call, kRouted); }
Reply CreatePublic(ApiCall& call) { return Create(call, kPublic); }

/// Changes a network by a task, if nothing else does.
template <typename Apply>
Reply Change(ApiCall& call, const char* type, Apply apply) {
  VmwareNetwork* network = Find(call);
  if (network == nullptr) return NotFound();
  if (IsVmwareBusy(*network)) return Conflict();
  return TaskReply(StartVmware<&Project::vmware_networks>(
      call, *network, Plan(type, *network), std::move(apply)));
}

Reply UpdateNetwork(ApiCall& call) {
  VmwareNetwork* network = Find(call);
  if (network == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  const auto bandwidth = Integer(call.body, "bandwidth_mbps");
  if (!name && !bandwidth) return BadBody();
  if (network->type == kIsolated) {
    if (name) network->name = *name;
    return Reply::Empty(204);
  }
  return Change(call, "UpdateNetwork",
                [name, bandwidth](VmwareNetwork& changed) {
                  if (name) changed.name = *name;
                  if (bandwidth) changed.bandwidth_mbps = *bandwidth;
                });
}

Reply DeleteNetwork(ApiCall& call) {
  VmwareNetwork* network = Find(call);
  if (network == nullptr) return NotFound();
  if (IsVmwareBusy(*network)) return Conflict();
  if (NicsOn(call.project, network->id) > 0)
    return Invalid("Network still has servers", -19511);
  return TaskReply(StartVmwareDeletion<&Project::vmware_networks>(
      call, *network, Plan("DeleteNetwork", *network)));
}

// One task for each server that is connected (API reference 3).
Reply ConnectServers(ApiCall& call) {
  const VmwareNetwork* network = Find(call);
  if (network == nullptr) return NotFound();
  if (!call.body.is_object() || !call.body.contains("nics")) return BadBody();
  std::vector<std::string> tasks;
  for (const json& wish : call.body["nics"]) {
    const auto found = call.project.vmware_servers.find(
        Integer(wish, "server_id").value_or(-1));
    if (found == call.project.vmware_servers.end())
      return Invalid("Server does not exist");
    if (IsVmwareBusy(found->second)) return Conflict();
    const std::int64_t id = call.world.NextNumber("vmware_nic");
    const VmwareNic nic{.id = id,
                        .network_id = network->id,
                        .ip = PrivateAddress(id),
                        .mac = MacAddress(id),
                        .bandwidth_mbps = std::nullopt};
    tasks.push_back(StartVmware<&Project::vmware_servers>(
        call, found->second,
        VmwarePlan("NicCreate", "server", found->first, 6, 20),
        [nic](VmwareServer& changed) { changed.nics.push_back(nic); }));
  }
  JsonWriter out;
  out.BeginObject().ArrayField("task_ids", tasks).EndObject();
  return Reply::Json(std::move(out).Take());
}

// Older deployments complete the task and keep the value (API reference 3); the
// contract simulated here applies it.
Reply SetBandwidth(ApiCall& call) {
  const auto bandwidth = Integer(call.body, "bandwidth_mbps");
  if (!bandwidth) return BadBody();
  return Change(call, "UpdateEdge",
                [mbps = *bandwidth](VmwareNetwork& changed) {
                  changed.bandwidth_mbps = mbps;
                });
}

Reply GetFirewall(ApiCall& call) {
  const VmwareNetwork* network = Find(call);
  if (network == nullptr || network->type == kIsolated) return NotFound();
  // Newer deployments wrap it, earlier ones do not: both occur, by the
  // location.
  if (network->location_id != kVmwareLocations[0])
    return Reply::Json(network->edge_firewall);
  return Reply::Json(Wrapped(
      "firewall", [&](JsonWriter& out) { out.Raw(network->edge_firewall); }));
}

template <auto Document>
Reply GetFlat(ApiCall& call) {
  const VmwareNetwork* network = Find(call);
  return network == nullptr || network->type == kIsolated
             ? NotFound()
             : Reply::Json(network->*Document);
}

template <auto Document>
Reply SetDocument(ApiCall& call) {
  if (!call.body.is_object()) return BadBody();
  json document = call.body;
  // The pre-shared key is write-only (API reference 5).
  if (document.contains("tunnels")) {
    for (json& tunnel : document["tunnels"]) tunnel.erase("shared_key");
  }
  return Change(call, "UpdateEdge",
                [text = document.dump()](VmwareNetwork& changed) {
                  changed.*Document = text;
                });
}

Reply ListLocations(ApiCall&) {
  JsonWriter out;
  out.BeginObject().Key("locations").BeginArray();
  for (const std::int64_t id : kVmwareLocations) {
    out.BeginObject().Field("id", id).Field("tech_title",
                                            "loc-" + std::to_string(id));
    out.Field("gpu_supported", id == kVmwareLocations[0])
        .Field("nested_hypervisor_supported", true);
    out.Key("disk_types")
        .BeginArray()
        .BeginObject()
        .Field("title", "SSD")
        .Field("is_default", true);
    out.Field("is_ssd", true)
        .Field("is_allowed_for_system_disk", true)
        .Field("min_mb", 10240);
    out.Field("max_mb", 2097152)
        .Field("step_mb", 10240)
        .Field("default_size_mb", 51200);
    out.EndObject().EndArray().EndObject();
  }
  out.EndArray().EndObject();
  return Reply::Json(std::move(out).Take());
}

Reply ListImages(ApiCall& call) {
  if (VmwareLocationFilter(call).is_unknown) return UnknownVmwareLocation();
  return Reply::Json(
      R"({"images":[{"id":52,"name":"Debian 12","os_family":"Linux","os_type":"debian12_64Guest","min_ram_mb":1024,)"
      R"("hdd_gb":20,"ssh_key_supported":true,"cpu_hot_add":true,"memory_hot_add":true,"nic_hot_remove":false,)"
      R"("is_gpu_only":false},{"id":61,"name":"Ubuntu GPU","os_family":"Linux","os_type":"ubuntu64Guest",)"
      R"("min_ram_mb":8192,"hdd_gb":50,"ssh_key_supported":true,"cpu_hot_add":false,"memory_hot_add":false,)"
      R"("nic_hot_remove":false,"is_gpu_only":true,"supported_gpu_model_ids":[2]}]})");
}

Reply ListGpuModels(ApiCall& call) {
  if (VmwareLocationFilter(call).is_unknown) return UnknownVmwareLocation();
  // The id is not unique: the key is id, memory and card count.
  return Reply::Json(
      R"({"gpu_models":[{"id":2,"tech_title":"gpu-two","name":"GPU Two","capacity_vram_mb":40960,"gpu_card_count":1,)"
      R"("server_allocation_limit":4,"max_server_ram_mb":524288,"is_available":true},{"id":2,"tech_title":"gpu-two",)"
      R"("name":"GPU Two","capacity_vram_mb":20480,"gpu_card_count":1,"server_allocation_limit":4}]})");
}

constexpr Generation kG2 = Generation::kG2;
constexpr Route kRoutes[] = {
    {"GET", "/vmware/networks", ListNetworks, "networks", kG2},
    {"POST", "/vmware/networks/isolated", CreateIsolated, "task_id", kG2},
    {"POST", "/vmware/networks/routed", CreateRouted, "task_id", kG2},
    {"POST", "/vmware/networks/public", CreatePublic, "task_id", kG2},
    {"GET", "/vmware/networks/{id}", GetNetwork, "network", kG2},
    {"PUT", "/vmware/networks/{id}", UpdateNetwork, "task_id", kG2},
    {"DELETE", "/vmware/networks/{id}", DeleteNetwork, "task_id", kG2},
    {"POST", "/vmware/networks/{id}/servers", ConnectServers, "task_ids", kG2},
    {"PUT", "/vmware/networks/{id}/edge/bandwidth", SetBandwidth, "task_id",
     kG2},
    {"GET", "/vmware/networks/{id}/edge/firewall", GetFirewall, "firewall",
     kG2},
    {"PUT", "/vmware/networks/{id}/edge/firewall",
     SetDocument<&VmwareNetwork::edge_firewall>, "task_id", kG2},
    {"GET", "/vmware/networks/{id}/edge/nat", GetFlat<&VmwareNetwork::edge_nat>,
     "rules", kG2},
    {"PUT", "/vmware/networks/{id}/edge/nat",
     SetDocument<&VmwareNetwork::edge_nat>, "task_id", kG2},
    {"GET", "/vmware/networks/{id}/edge/vpn", GetFlat<&VmwareNetwork::edge_vpn>,
     "tunnels", kG2},
    {"PUT", "/vmware/networks/{id}/edge/vpn",
     SetDocument<&VmwareNetwork::edge_vpn>, "task_id", kG2},
    {"GET", "/vmware/locations", ListLocations, "locations", kG2},
    {"GET", "/vmware/images", ListImages, "images", kG2},
    {"GET", "/vmware/gpu-models", ListGpuModels, "gpu_models", kG2},
};

}  // namespace

std::span<const Route> VmwareNetworkRoutes() { return kRoutes; }

}  // namespace serverspace::sim
