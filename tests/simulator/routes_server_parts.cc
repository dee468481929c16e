#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/catalogue.h"
#include "simulator/operation.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

// Volumes, NICs and snapshots of a server (API reference 2.5 to 2.7).

namespace serverspace::sim {
namespace {

TaskEngine::Plan Plan(std::string type, const Server& server,
                      const char* part = nullptr, std::int64_t id = 0) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.resources = {{"server", server.id}};
  if (part != nullptr) plan.resources.emplace_back(part, std::to_string(id));
  return plan;
}

template <auto Parts, auto Render>
Reply ListParts(ApiCall& call, std::string_view wrapper) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(WrappedList(wrapper, server->*Parts,
                                 [&](JsonWriter& json, const auto& part) {
                                   Render(json, part, *server);
                                 }));
}

template <auto Parts, auto Render>
Reply GetPart(ApiCall& call, std::string_view wrapper) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto part = FindPart(server->*Parts, call.number(1));
  if (part == (server->*Parts).end()) return NotFound();
  return Reply::Json(Wrapped(
      wrapper, [&](JsonWriter& json) { Render(json, *part, *server); }));
}

template <auto Parts>
Reply DeletePart(ApiCall& call, const char* type, const char* resource) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto part = FindPart(server->*Parts, call.number(1));
  if (part == (server->*Parts).end()) return NotFound();
  const std::int64_t id = part->id;
  const Reply started = StartChange<&Project::servers>(
      call, *server, Plan(type, *server, resource, id),
      [id](Server& changed, Task&) {
        std::erase_if(changed.*Parts, [id](const auto& candidate) {
          return candidate.id == id;
        });
      });
  return started.status != 200 || call.wants_task() ? started : Reply::Empty();
}

Reply ListVolumes(ApiCall& call) {
  return ListParts<&Server::volumes, RenderVolume>(call, "volumes");
}
Reply GetVolume(ApiCall& call) {
  return GetPart<&Server::volumes, RenderVolume>(call, "volume");
}

Reply CreateVolume(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto size_mb = Integer(call.body, "size_mb");
  if (!size_mb) return BadBody();
  if (const auto why = WhyNotVolume(*size_mb, false, server->image_id);
      !why.empty())
    return Invalid(why);
  const Volume volume{.id = call.world.NextNumber("volume"),
                      .name = Text(call.body, "name").value_or("data"),
                      .size_mb = *size_mb,
                      .created = call.world.now()};
  return StartChange<&Project::servers>(
      call, *server, Plan("CreateVolume", *server, "volume", volume.id),
      [volume](Server& changed, Task&) { changed.volumes.push_back(volume); });
}

Reply UpdateVolume(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto volume = FindPart(server->volumes, call.number(1));
  if (volume == server->volumes.end()) return NotFound();
  const auto size_mb = Integer(call.body, "size_mb");
  if (!size_mb) return BadBody();
  if (*size_mb < volume->size_mb) return Invalid("A volume can only grow");
  const bool system = volume == server->volumes.begin();
  if (*size_mb != volume->size_mb) {
    if (const auto why = WhyNotVolume(*size_mb, system, server->image_id);
        !why.empty())
      return Invalid(why);
  }
  return StartChange<&Project::servers>(
      call, *server, Plan("UpdateVolume", *server, "volume", volume->id),
      [id = volume->id, size = *size_mb, name = Text(call.body, "name")](
          Server& changed, Task&) {
        const auto grown = FindPart(changed.volumes, id);
        if (grown == changed.volumes.end()) return;
        grown->size_mb = size;
        if (name) grown->name = *name;
      });
}

Reply DeleteVolume(ApiCall& call) {
  const Server* server = FindServer(call);
  if (server != nullptr && !server->volumes.empty() &&
      server->volumes.front().id == call.number(1)) {
    return Invalid("The system volume cannot be deleted");
  }
  return DeletePart<&Server::volumes>(call, "DeleteVolume", "volume");
}

Reply ListNics(ApiCall& call) {
  return ListParts<&Server::nics, RenderNic>(call, "nics");
}
Reply GetNic(ApiCall& call) {
  return GetPart<&Server::nics, RenderNic>(call, "nic");
}

Reply CreateNic(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  if (!call.body.is_object()) return BadBody();
  std::string reason;
  auto nic = MakeNic(call, call.body, server->location_id, reason);
  if (!nic) return Invalid(reason);
  AssignAddress(*nic);
  return StartChange<&Project::servers>(
      call, *server, Plan("CreateNic", *server, "nic", nic->id),
      [nic = *nic](Server& changed, Task&) { changed.nics.push_back(nic); });
}

Reply UpdateNic(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto nic = FindPart(server->nics, call.number(1));
  if (nic == server->nics.end()) return NotFound();
  const auto bandwidth = Integer(call.body, "bandwidth_mbps");
  if (!bandwidth) return BadBody();
  if (!nic->is_public || *bandwidth < kBandwidthMinMbps ||
      *bandwidth > kBandwidthMaxMbps || *bandwidth % 10 != 0) {
    return Invalid("Bandwidth is not supported");
  }
  return StartChange<&Project::servers>(
      call, *server, Plan("UpdateNic", *server, "nic", nic->id),
      [id = nic->id, mbps = *bandwidth](Server& changed, Task&) {
        const auto found = FindPart(changed.nics, id);
        if (found != changed.nics.end()) found->bandwidth_mbps = mbps;
      });
}

Reply DeleteNic(ApiCall& call) {
  return DeletePart<&Server::nics>(call, "DeleteNic", "nic");
}

Reply ListSnapshots(ApiCall& call) {
  return ListParts<&Server::snapshots, RenderSnapshot>(call, "snapshots");
}
Reply GetSnapshot(ApiCall& call) {
  return GetPart<&Server::snapshots, RenderSnapshot>(call, "snapshot");
}

Reply CreateSnapshot(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  if (!name || name->empty()) return BadBody();
  std::int64_t size_mb = 0;
  for (const Volume& volume : server->volumes) size_mb += volume.size_mb;
  const Snapshot snapshot{.id = call.world.NextNumber("snapshot"),
                          .name = *name,
                          .size_mb = size_mb,
                          .created = call.world.now()};
  // The task names no snapshot (API reference 3).
  return StartChange<&Project::servers>(call, *server,
                                        Plan("CreateSnapshot", *server),
                                        [snapshot](Server& changed, Task&) {
                                          changed.snapshots.push_back(snapshot);
                                        });
}

Reply RollBack(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto snapshot = FindPart(server->snapshots, call.number(1));
  if (snapshot == server->snapshots.end()) return NotFound();
  return StartChange<&Project::servers>(
      call, *server,
      Plan("RollbackSnapshot", *server, "snapshot", snapshot->id),
      [](Server&, Task&) {});
}

Reply DeleteSnapshot(ApiCall& call) {
  return DeletePart<&Server::snapshots>(call, "DeleteSnapshot", "snapshot");
}

constexpr Route kRoutes[] = {
    {"GET", "/servers/{id}/volumes", ListVolumes, "volumes"},
    {"GET", "/servers/{id}/volumes/{volume_id}", GetVolume, "volume"},
    {"POST", "/servers/{id}/volumes", CreateVolume, "task_id"},
    {"PUT", "/servers/{id}/volumes/{volume_id}", UpdateVolume, "task_id"},
    {"DELETE", "/servers/{id}/volumes/{volume_id}", DeleteVolume, "task_id"},
    {"GET", "/servers/{id}/nics", ListNics, "nics"},
    {"GET", "/servers/{id}/nics/{nic_id}", GetNic, "nic"},
    {"POST", "/servers/{id}/nics", CreateNic, "task_id"},
    {"PUT", "/servers/{id}/nics/{nic_id}", UpdateNic, "task_id"},
    {"DELETE", "/servers/{id}/nics/{nic_id}", DeleteNic, "task_id"},
    {"GET", "/servers/{id}/snapshots", ListSnapshots, "snapshots"},
    {"GET", "/servers/{id}/snapshots/{snapshot_id}", GetSnapshot, "snapshot"},
    {"POST", "/servers/{id}/snapshots", CreateSnapshot, "task_id"},
    {"POST", "/servers/{id}/snapshots/{snapshot_id}/rollback", RollBack,
     "task_id"},
    {"DELETE", "/servers/{id}/snapshots/{snapshot_id}", DeleteSnapshot,
     "task_id"},
};

}  // namespace

std::span<const Route> ServerPartRoutes() { return kRoutes; }

}  // namespace serverspace::sim
