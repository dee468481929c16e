#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "simulator/addresses.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"
#include "simulator/vmware_catalogue.h"
#include "simulator/vmware_operation.h"

// VMware servers (API reference 2.16).

namespace serverspace::sim {
namespace {

using nlohmann::json;

VmwareServer* Find(ApiCall& call) {
  const auto found = call.project.vmware_servers.find(call.number(0));
  return found == call.project.vmware_servers.end() ? nullptr : &found->second;
}

TaskEngine::Plan Plan(std::string type, const VmwareServer& server,
                      double min_seconds = 6, double max_seconds = 20) {
  return VmwarePlan(std::move(type), "server", server.id, min_seconds,
                    max_seconds);
}

/// Changes a server by a task, if nothing else does.
template <typename Apply>
Reply Change(ApiCall& call, const char* type, Apply apply) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  if (IsVmwareBusy(*server)) return Conflict();
  return TaskReply(StartVmware<&Project::vmware_servers>(
      call, *server, Plan(type, *server), std::move(apply)));
}

void RenderNic(JsonWriter& out, const VmwareNic& nic, std::size_t number) {
  out.BeginObject()
      .Field("id", nic.id)
      .Field("number", number)
      .Field("is_primary", number == 0);
  out.Field("network_id", nic.network_id)
      .OptionalField("ip", nic.ip)
      .Field("mac", nic.mac);
  if (nic.bandwidth_mbps) out.Field("bandwidth_mbps", *nic.bandwidth_mbps);
  out.EndObject();
}

void RenderNics(JsonWriter& out, const VmwareServer& server) {
  out.BeginArray();
  for (std::size_t i = 0; i < server.nics.size(); ++i)
    RenderNic(out, server.nics[i], i);
  out.EndArray();
}

void RenderServer(JsonWriter& out, const VmwareServer& server,
                  const Project& project, bool single) {
  out.BeginObject()
      .Field("id", server.id)
      .Field("project_id", project.id)
      .Field("location_id", server.location_id);
  out.Field("name", server.name)
      .OptionalField("computer_name", server.computer_name)
      .Field("state", server.state);
  out.Field("cpu", server.cpu)
      .Field("ram_mb", server.ram_mb)
      .Field("system_disk_mb", server.system_disk_mb);
  out.OptionalField("system_disk_type", server.system_disk_type)
      .Field("image_id", server.image_id);
  out.Field("is_power_on", server.is_power_on)
      .Field("nested_hypervisor", server.nested_hypervisor);
  if (server.gpu) {
    out.Key("gpu")
        .BeginObject()
        .Field("model_id", server.gpu->model_id)
        .Field("vram_mb", server.gpu->vram_mb);
    out.Field("card_count", server.gpu->card_count).EndObject();
  }
  out.Key("nics");
  RenderNics(out, server);
  out.Field("created", FormatTimeToSecond(server.created));
  if (single) out.Field("vm_tools_installed", server.is_power_on);
  out.EndObject();
}

Reply ListServers(ApiCall& call) {
  const auto filter = VmwareLocationFilter(call);
  if (filter.is_unknown) return UnknownVmwareLocation();
  return Reply::Json(Wrapped("servers", [&](JsonWriter& out) {
    out.BeginArray();
    for (const auto& [id, server] : call.project.vmware_servers) {
      if (filter.Wants(server.location_id))
        RenderServer(out, server, call.project, false);
    }
    out.EndArray();
  }));
}

Reply GetServer(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(Wrapped("server", [&](JsonWriter& out) {
    RenderServer(out, *server, call.project, true);
  }));
}

VmwareNic MakeNic(ApiCall& call, const json& wish) {
  const std::int64_t id = call.world.NextNumber("vmware_nic");
  VmwareNic nic{.id = id,
                .network_id = Integer(wish, "network_id").value_or(2301),
                .ip = Text(wish, "ip").value_or(PrivateAddress(id)),
                .mac = MacAddress(id),
                .bandwidth_mbps = Integer(wish, "bandwidth_mbps")};
  return nic;
}

std::string UpperCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return text;
}

Reply OrderReply(const VmwareServer& server, const std::string& task_id) {
  JsonWriter out;
  out.BeginObject()
      .Field("server_id", server.id)
      .Field("task_id", task_id)
      .EndObject();
  return Reply::Json(std::move(out).Take());
}

/// Puts a server into the world as `creating` and starts the task that
/// completes it.
Reply Order(ApiCall& call, VmwareServer server, const char* type,
            double min_seconds, double max_seconds) {
  server.id = call.world.NextNumber("vmware_server");
  server.state = kVmwareCreating;
  server.is_power_on = false;
  server.is_changing = false;
  server.created = call.world.now();
  TaskEngine::Plan plan = Plan(type, server, min_seconds, max_seconds);
  World& world = call.world;
  Project& project = call.project;
  plan.at_end = [&world, &project, id = server.id](Task& task) {
    WithObject<&Project::vmware_servers>(
        world, project, id, [&](VmwareServer& made) {
          const bool good = task.outcome == TaskOutcome::kCompleted;
          made.state = good ? kVmwareActive : "error";
          made.is_power_on = good;
        });
  };
  const VmwareServer& placed =
      project.vmware_servers.emplace(server.id, std::move(server))
          .first->second;
  world.Changed(project);
  return OrderReply(placed, world.tasks().Start(project, std::move(plan)));
}

Reply CreateServer(ApiCall& call) {
  const json& order = call.body;
  const auto name = Text(order, "name");
  const auto location = Integer(order, "location_id");
  if (!name || name->empty() || !location) return BadBody();
  if (!IsVmwareLocation(*location)) return UnknownVmwareLocation();
  VmwareServer server;
  server.location_id = *location;
  server.name = *name;
  server.computer_name =
      UpperCase(Text(order, "computer_name").value_or(*name));
  server.cpu = static_cast<int>(Integer(order, "cpu").value_or(1));
  server.ram_mb = Integer(order, "ram_mb").value_or(1024);
  server.system_disk_mb = Integer(order, "system_disk_mb").value_or(51200);
  server.system_disk_type = Text(order, "system_disk_type").value_or("SSD");
  server.image_id = Integer(order, "image_id").value_or(52);
  for (const json& wish : order.value("nics", json::array()))
    server.nics.push_back(MakeNic(call, wish));
  return Order(call, std::move(server), "ServerCreate", 186, 1290);
}

Reply CopyServer(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  if (IsVmwareBusy(*server)) return Conflict();
  VmwareServer copy = *server;
  copy.name = Text(call.body, "name").value_or(copy.name + "-copy");
  copy.snapshot.reset();
  return Order(call, std::move(copy), "ServerCopy", 120, 150);
}

// A rebuilt server has a new id, and its predecessor stays readable as
// `deleting` for minutes (API reference 2.1).
Reply RebuildServer(ApiCall& call) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  if (IsVmwareBusy(*server)) return Conflict();
  VmwareServer rebuilt = *server;
  rebuilt.image_id = Integer(call.body, "image_id").value_or(rebuilt.image_id);
  rebuilt.snapshot.reset();
  StartVmwareDeletion<&Project::vmware_servers>(
      call, *server, Plan("ServerDelete", *server, 1500, 1800));
  return Order(call, std::move(rebuilt), "ServerRebuild", 280, 1560);
}

Reply UpdateServer(ApiCall& call) {
  if (!call.body.is_object()) return BadBody();
  return Change(
      call, "ServerUpdate",
      [cpu = Integer(call.body, "cpu"), ram_mb = Integer(call.body, "ram_mb"),
       disk_mb = Integer(call.body, "system_disk_mb")](VmwareServer& changed) {
        if (cpu) changed.cpu = static_cast<int>(*cpu);
        if (ram_mb) changed.ram_mb = *ram_mb;
        if (disk_mb) changed.system_disk_mb = *disk_mb;
      });
}

Reply RenameServer(ApiCall& call) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  if (!name || name->empty()) return BadBody();
  server->name = *name;
  return Reply::Empty();
}

Reply SetComputerName(ApiCall& call) {
  const auto name = Text(call.body, "computer_name");
  if (!name) return BadBody();
  return Change(call, "ServerUpdate",
                [upper = UpperCase(*name)](VmwareServer& changed) {
                  changed.computer_name = upper;
                });
}

Reply DeleteServer(ApiCall& call) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  if (IsVmwareBusy(*server)) return Conflict();
  return TaskReply(StartVmwareDeletion<&Project::vmware_servers>(
      call, *server, Plan("ServerDelete", *server, 26, 36)));
}

Reply PowerServer(ApiCall& call) {
  const std::string& action = call.ids.at(1);
  const bool off = action == "off" || action == "shutdown";
  if (!off && action != "on" && action != "reboot" && action != "reset")
    return NotFound();
  return Change(call, "ServerPower", [off](VmwareServer& changed) {
    changed.is_power_on = !off;
    changed.state = off ? kVmwarePoweredOff : kVmwareActive;
  });
}

// Says only whether an order would be taken.
Reply VerifyServer(ApiCall& call) {
  return call.body.is_object() ? Reply::Empty() : BadBody();
}

template <bool kEnable>
Reply NestedHypervisor(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  // The one place where the API spells a null out (API reference 1).
  if (server->nested_hypervisor == kEnable)
    return Reply::Json(R"({"task_id":null})");
  return Change(call, "ServerUpdate", [](VmwareServer& changed) {
    changed.nested_hypervisor = kEnable;
  });
}

void RenderVolume(JsonWriter& out, const VmwareVolume& volume) {
  out.BeginObject()
      .Field("id", volume.id)
      .Field("name", volume.name)
      .Field("size_mb", volume.size_mb);
  out.OptionalField("disk_type", volume.disk_type).EndObject();
}

Reply ListVolumes(ApiCall& call) {
  const VmwareServer* server = Find(call);
  return server == nullptr ? NotFound()
                           : Reply::Json(WrappedList("volumes", server->volumes,
                                                     RenderVolume));
}

Reply GetVolume(ApiCall& call) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  const auto volume = FindPart(server->volumes, call.number(1));
  if (volume == server->volumes.end()) return NotFound();
  return Reply::Json(
      Wrapped("volume", [&](JsonWriter& out) { RenderVolume(out, *volume); }));
}

Reply CreateVolume(ApiCall& call) {
  const auto size_mb = Integer(call.body, "size_mb");
  if (!size_mb) return BadBody();
  const VmwareVolume volume{
      .id = call.world.NextNumber("vmware_volume"),
      .name = Text(call.body, "name").value_or("data"),
      .size_mb = *size_mb,
      .disk_type = Text(call.body, "disk_type").value_or("SSD")};
  return Change(call, "VolumeCreate", [volume](VmwareServer& changed) {
    changed.volumes.push_back(volume);
  });
}

Reply UpdateVolume(ApiCall& call) {
  VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  const auto size_mb = Integer(call.body, "size_mb");
  if (FindPart(server->volumes, id) == server->volumes.end()) return NotFound();
  if (!size_mb) return BadBody();
  return Change(call, "VolumeUpdate",
                [id, size = *size_mb](VmwareServer& changed) {
                  const auto volume = FindPart(changed.volumes, id);
                  if (volume != changed.volumes.end()) volume->size_mb = size;
                });
}

Reply DeleteVolume(ApiCall& call) {
  VmwareServer* server = Find(call);
  const std::int64_t id = call.number(1);
  if (server == nullptr ||
      FindPart(server->volumes, id) == server->volumes.end())
    return NotFound();
  return Change(call, "VolumeDelete", [id](VmwareServer& changed) {
    std::erase_if(changed.volumes,
                  [id](const VmwareVolume& volume) { return volume.id == id; });
  });
}

Reply ListNics(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(
      Wrapped("nics", [&](JsonWriter& out) { RenderNics(out, *server); }));
}

Reply CreateNic(ApiCall& call) {
  if (!Integer(call.body, "network_id")) return BadBody();
  return Change(call, "NicCreate",
                [nic = MakeNic(call, call.body)](VmwareServer& changed) {
                  changed.nics.push_back(nic);
                });
}

Reply DeleteNic(ApiCall& call) {
  VmwareServer* server = Find(call);
  const std::int64_t id = call.number(1);
  if (server == nullptr || FindPart(server->nics, id) == server->nics.end())
    return NotFound();
  return Change(call, "NicDelete", [id](VmwareServer& changed) {
    std::erase_if(changed.nics,
                  [id](const VmwareNic& nic) { return nic.id == id; });
  });
}

Reply GetSnapshot(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  // "None" is a 404 in one client's account and `{}` in another's: both occur
  // here, by the server's number.
  if (!server->snapshot)
    return server->id % 2 == 0 ? NotFound() : Reply::Json("{}");
  return Reply::Json(Wrapped("snapshot", [&](JsonWriter& out) {
    out.BeginObject().Field("name", server->snapshot->first);
    out.Field("created", FormatTimeToSecond(server->snapshot->second))
        .EndObject();
  }));
}

Reply CreateSnapshot(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server != nullptr && server->snapshot)
    return Invalid("Server has a snapshot already");
  return Change(call, "SnapshotCreate",
                [name = Text(call.body, "name").value_or("snapshot"),
                 now = call.world.now()](VmwareServer& changed) {
                  changed.snapshot.emplace(name, now);
                });
}

template <bool kDelete>
Reply EndSnapshot(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr || !server->snapshot) return NotFound();
  return Change(call, kDelete ? "SnapshotDelete" : "SnapshotRollback",
                [](VmwareServer& changed) {
                  if (kDelete) changed.snapshot.reset();
                });
}

Reply GetFirewall(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(Wrapped(
      "rules", [&](JsonWriter& out) { out.Raw(server->firewall_rules); }));
}

Reply SetFirewall(ApiCall& call) {
  const VmwareServer* server = Find(call);
  if (server == nullptr) return NotFound();
  if (!call.body.is_object() || !call.body.contains("rules")) return BadBody();
  const std::string rules = call.body["rules"].dump();
  if (rules == server->firewall_rules) return Reply::Empty(204);
  return Change(call, "FirewallUpdate", [rules](VmwareServer& changed) {
    changed.firewall_rules = rules;
  });
}

constexpr Generation kG2 = Generation::kG2;
constexpr Route kRoutes[] = {
    {"GET", "/vmware/servers", ListServers, "servers", kG2},
    {"POST", "/vmware/servers", CreateServer, "task_id", kG2},
    {"POST", "/vmware/servers/verify", VerifyServer, "task_id", kG2},
    {"GET", "/vmware/servers/{id}", GetServer, "server", kG2},
    {"PUT", "/vmware/servers/{id}", UpdateServer, "task_id", kG2},
    {"DELETE", "/vmware/servers/{id}", DeleteServer, "task_id", kG2},
    {"POST", "/vmware/servers/{id}/copy", CopyServer, "task_id", kG2},
    {"POST", "/vmware/servers/{id}/rebuild", RebuildServer, "task_id", kG2},
    {"PUT", "/vmware/servers/{id}/name", RenameServer, "task_id", kG2},
    {"PUT", "/vmware/servers/{id}/computer-name", SetComputerName, "task_id",
     kG2},
    {"POST", "/vmware/servers/{id}/power/{action}", PowerServer, "task_id",
     kG2},
    {"POST", "/vmware/servers/{id}/nested-hypervisor/enable",
     NestedHypervisor<true>, "task_id", kG2},
    {"POST", "/vmware/servers/{id}/nested-hypervisor/disable",
     NestedHypervisor<false>, "task_id", kG2},
    {"GET", "/vmware/servers/{id}/volumes", ListVolumes, "volumes", kG2},
    {"POST", "/vmware/servers/{id}/volumes", CreateVolume, "task_id", kG2},
    {"GET", "/vmware/servers/{id}/volumes/{volume_id}", GetVolume, "volume",
     kG2},
    {"PUT", "/vmware/servers/{id}/volumes/{volume_id}", UpdateVolume, "task_id",
     kG2},
    {"DELETE", "/vmware/servers/{id}/volumes/{volume_id}", DeleteVolume,
     "task_id", kG2},
    {"GET", "/vmware/servers/{id}/nics", ListNics, "nics", kG2},
    {"POST", "/vmware/servers/{id}/nics", CreateNic, "task_id", kG2},
    {"DELETE", "/vmware/servers/{id}/nics/{nic_id}", DeleteNic, "task_id", kG2},
    {"GET", "/vmware/servers/{id}/snapshot", GetSnapshot, "snapshot", kG2},
    {"POST", "/vmware/servers/{id}/snapshot", CreateSnapshot, "task_id", kG2},
    {"DELETE", "/vmware/servers/{id}/snapshot", EndSnapshot<true>, "task_id",
     kG2},
    {"POST", "/vmware/servers/{id}/snapshot/rollback", EndSnapshot<false>,
     "task_id", kG2},
    {"GET", "/vmware/servers/{id}/firewall", GetFirewall, "rules", kG2},
    {"PUT", "/vmware/servers/{id}/firewall", SetFirewall, "task_id", kG2},
};

}  // namespace

std::span<const Route> VmwareServerRoutes() { return kRoutes; }

}  // namespace serverspace::sim
