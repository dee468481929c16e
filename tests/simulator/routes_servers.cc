#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "simulator/catalogue.h"
#include "simulator/location.h"
#include "simulator/operation.h"
#include "simulator/prices.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

namespace serverspace::sim {
namespace {

using nlohmann::json;

TaskEngine::Plan Plan(std::string type, const Server& server) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.resources = {{"server", server.id}};
  return plan;
}

/// The order of the list is not constant on the wire: it starts elsewhere after
/// each change.
std::string RenderList(const Project& project) {
  const auto& servers = project.servers;
  constexpr std::uint64_t kStride = 7919;
  const std::size_t start =
      servers.empty() ? 0 : project.version * kStride % servers.size();
  const auto middle =
      std::next(servers.begin(), static_cast<std::ptrdiff_t>(start));
  return Wrapped("servers", [&](JsonWriter& out) {
    const auto render = [&](const auto& entry) {
      RenderServer(out, entry.second, project.generation);
    };
    out.BeginArray();
    std::for_each(middle, servers.end(), render);
    std::for_each(servers.begin(), middle, render);
    out.EndArray();
  });
}

Reply ListServers(ApiCall& call) {
  Project& project = call.project;
  if (project.server_list == nullptr ||
      project.server_list_version != project.version) {
    project.server_list =
        std::make_shared<const std::string>(RenderList(project));
    project.server_list_version = project.version;
  }
  Reply reply;
  reply.body = project.server_list;
  return reply;
}

Reply GetServer(ApiCall& call) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(Wrapped("server", [&](JsonWriter& out) {
    RenderServer(out, *server, call.project.generation);
  }));
}

std::vector<std::string> Strings(const json& body, const char* name) {
  std::vector<std::string> values;
  if (const auto found = body.find(name);
      found != body.end() && found->is_array()) {
    for (const json& value : *found) {
      if (value.is_string()) values.push_back(value.get<std::string>());
    }
  }
  return values;
}

/// Fills a server from an order; the reason if it cannot be.
std::string FillFromOrder(ApiCall& call, Server& server) {
  const json& order = call.body;
  const auto location = Text(order, "location_id");
  const auto image = Text(order, "image_id");
  if (!location || FindLocation(*location) == nullptr ||
      !FindLocation(*location)->open_for_orders) {
    return "Location does not exist";
  }
  if (!image || FindImage(*image) == nullptr) return "Image does not exist";
  server.location_id = *location;
  server.image_id = *image;
  server.name = Text(order, "name").value_or("");
  if (server.name.empty()) return "Name is required";
  const std::int64_t cpu = Integer(order, "cpu").value_or(0);
  server.ram_mb = Integer(order, "ram_mb").value_or(0);
  if (const auto why = WhyNotConfiguration(cpu, server.ram_mb); !why.empty())
    return std::string(why);
  server.cpu = static_cast<int>(cpu);
  for (const json& wish : order.value("volumes", json::array())) {
    Volume volume;
    volume.id = call.world.NextNumber("volume");
    volume.name =
        server.volumes.empty() ? "boot" : Text(wish, "name").value_or("data");
    volume.size_mb = Integer(wish, "size_mb").value_or(0);
    volume.created = call.world.now();
    const auto why =
        WhyNotVolume(volume.size_mb, server.volumes.empty(), server.image_id);
    if (!why.empty()) return std::string(why);
    server.volumes.push_back(std::move(volume));
  }
  if (server.volumes.empty()) return "A server needs a system volume";
  std::string reason;
  for (const json& wish : order.value("networks", json::array())) {
    const auto nic = MakeNic(call, wish, server.location_id, reason);
    if (!nic) return reason;
    server.nics.push_back(*nic);
  }
  server.tags = Strings(order, "tags");
  server.application_ids = Strings(order, "application_ids");
  server.affinity_group_id = Text(order, "affinity_group_id").value_or("");
  for (const json& id : order.value("ssh_key_ids", json::array())) {
    if (!id.is_number_integer() ||
        call.project.ssh_keys.count(id.get<std::int64_t>()) == 0) {
      return "SSH key does not exist";
    }
    server.ssh_key_ids.push_back(id.get<std::int64_t>());
  }
  return {};
}

Reply CreateServer(ApiCall& call) {
  if (!call.body.is_object()) return BadBody();
  if (call.project.state == kBlocked) return Invalid("Project is blocked");
  Server server;
  if (const std::string reason = FillFromOrder(call, server); !reason.empty())
    return Invalid(reason);
  server.id = call.world.NextId(server.location_id, 's');
  server.state = kNew;
  server.is_power_on = false;
  server.created = call.world.now();
  server.login =
      server.image_id.starts_with("Windows") ? "Administrator" : "root";
  server.password =
      "SIM-SECRET-" + std::to_string(call.world.NextNumber("secret"));
  server.installations.emplace();
  TaskEngine::Plan plan = Plan("CreateServer", server);
  plan.min_seconds = 30;
  plan.max_seconds = 90;
  for (const Volume& volume : server.volumes)
    plan.resources.emplace_back("volume", std::to_string(volume.id));
  const Server& placed =
      call.project.servers.emplace(server.id, server).first->second;
  return StartCreation<&Project::servers>(call, placed, std::move(plan),
                                          [](Server& made, Task&) {
                                            made.is_power_on = true;
                                            for (Nic& nic : made.nics)
                                              AssignAddress(nic);
                                          });
}

Reply PriceServer(ApiCall& call) {
  if (!call.body.is_object()) return BadBody();
  Server server;
  if (const std::string reason = FillFromOrder(call, server); !reason.empty())
    return Invalid(reason);
  std::int64_t disk_mb = 0;
  for (const Volume& volume : server.volumes) disk_mb += volume.size_mb;
  std::int64_t bandwidth_mbps = 0;
  for (const Nic& nic : server.nics) bandwidth_mbps += nic.bandwidth_mbps;
  JsonWriter out;
  out.BeginObject();
  out.RawField("price",
               ServerPrice(server.cpu, server.ram_mb, disk_mb, bandwidth_mbps)
                   .ToString())
      .EndObject();
  return Reply::Json(std::move(out).Take());
}

Reply ResizeServer(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  if (!call.body.is_object()) return BadBody();
  const std::int64_t cpu = Integer(call.body, "cpu").value_or(server->cpu);
  const std::int64_t ram_mb =
      Integer(call.body, "ram_mb").value_or(server->ram_mb);
  if (const auto why = WhyNotConfiguration(cpu, ram_mb); !why.empty())
    return Invalid(why);
  return StartChange<&Project::servers>(call, *server,
                                        Plan("UpdateServer", *server),
                                        [cpu, ram_mb](Server& changed, Task&) {
                                          changed.cpu = static_cast<int>(cpu);
                                          changed.ram_mb = ram_mb;
                                        });
}

Reply RenameServer(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  if (!name || name->empty()) return BadBody();
  return StartChange<&Project::servers>(
      call, *server, Plan("RenameServer", *server),
      [name = *name](Server& changed, Task&) { changed.name = name; });
}

Reply DeleteServer(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return StartDeletion<&Project::servers>(call, *server,
                                          Plan("DeleteServer", *server));
}

Reply PowerServer(ApiCall& call) {
  Server* server = FindServer(call);
  const std::string& action = call.ids.at(1);
  if (server == nullptr) return NotFound();
  if (action != "on" && action != "off" && action != "shutdown" &&
      action != "reboot" && action != "reset") {
    return NotFound();
  }
  const bool on = action != "off" && action != "shutdown";
  return StartChange<&Project::servers>(
      call, *server, Plan("PowerServer", *server),
      [on](Server& changed, Task&) { changed.is_power_on = on; });
}

constexpr Route kRoutes[] = {
    {"GET", "/servers", ListServers, "servers"},
    {"POST", "/servers", CreateServer, "task_id"},
    {"POST", "/servers/price", PriceServer, "price"},
    {"GET", "/servers/{id}", GetServer, "server"},
    {"PUT", "/servers/{id}", ResizeServer, "task_id"},
    {"PATCH", "/servers/{id}", ResizeServer, "task_id"},
    {"DELETE", "/servers/{id}", DeleteServer, "task_id"},
    {"PUT", "/servers/{id}/name", RenameServer, "task_id"},
    {"POST", "/servers/{id}/power/{action}", PowerServer, "task_id"},
};

}  // namespace

std::span<const Route> ServerRoutes() { return kRoutes; }

}  // namespace serverspace::sim
