#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/operation.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

// Server backups (API reference 2.15); only the newer contract has them.

namespace serverspace::sim {
namespace {

using nlohmann::json;

TaskEngine::Plan Plan(std::string type, const Server& server) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.resources = {{"server", server.id}};
  return plan;
}

Reply GetBackup(ApiCall& call) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  JsonWriter out;
  out.BeginObject().Field("enabled", server->backup.enabled);
  if (server->backup.enabled && !server->backup.schedule.empty())
    out.RawField("schedule", server->backup.schedule);
  out.EndObject();
  return Reply::Json(std::move(out).Take());
}

/// The schedule in a body, bare or under its name; null if there is none.
json ScheduleIn(const json& body) {
  if (!body.is_object()) return nullptr;
  const json schedule = body.contains("schedule") ? body["schedule"] : body;
  return schedule.is_object() && schedule.contains("hour") ? schedule
                                                           : json(nullptr);
}

std::vector<std::int64_t> StoragesOf(const json& schedule) {
  std::vector<std::int64_t> storages;
  for (const char* rule : {"daily", "weekly", "monthly"}) {
    storages.push_back(
        schedule.contains(rule)
            ? Integer(schedule[rule], "backup_storage_id").value_or(0)
            : -1);
  }
  return storages;
}

Reply SetBackup(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const json schedule = ScheduleIn(call.body);
  if (schedule.is_null()) return BadBody();
  const json before = json::parse(server->backup.schedule, nullptr, false);
  if (server->backup.enabled && before.is_object() &&
      StoragesOf(before) == StoragesOf(schedule)) {
    server->backup.schedule = schedule.dump();
    return TaskReply("already_completed_task");
  }
  return StartChange<&Project::servers>(
      call, *server, Plan("UpdateBackup", *server),
      [text = schedule.dump()](Server& changed, Task&) {
        changed.backup.enabled = true;
        changed.backup.schedule = text;
      });
}

Reply DeleteBackup(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return StartChange<&Project::servers>(
      call, *server, Plan("DeleteBackup", *server), [](Server& changed, Task&) {
        changed.backup.enabled = false;
        changed.backup.schedule.clear();
      });
}

void RenderRestorePoint(JsonWriter& out, const RestorePoint& point,
                        const Server& server) {
  out.BeginObject()
      .Field("id", point.id)
      .Field("server_id", server.id)
      .Field("name", point.name);
  out.Field("size_mb", point.size_mb);
  if (point.backup_storage_id)
    out.Field("backup_storage_id", *point.backup_storage_id);
  out.Field("state", point.state);
  if (point.created)
    out.Field("created", FormatTimeWithoutZone(*point.created));
  out.ArrayField("retained_by", point.retained_by);
  if (point.keep_until)
    out.Field("keep_until", FormatTimeWithoutZone(*point.keep_until));
  out.Field("is_manual", point.is_manual).EndObject();
}

Reply ListRestorePoints(ApiCall& call) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(
      WrappedList("restore_points", server->backup.restore_points,
                  [&](JsonWriter& out, const RestorePoint& point) {
                    RenderRestorePoint(out, point, *server);
                  }));
}

Reply CreateRestorePoint(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  if (IsUnsettled(server->state)) return Conflict();
  RestorePoint point;
  point.id = call.world.NextNumber("restore_point");
  point.name =
      Text(call.body, "name").value_or("manual-" + std::to_string(point.id));
  point.state = "in_progress";
  point.is_manual = true;
  server->backup.restore_points.push_back(point);
  // A copy can fail behind a task that completed (API reference 2.15): the name
  // decides, for tests.
  const bool fails = point.name.starts_with("fail");
  Reply reply = StartChange<&Project::servers>(
      call, *server, Plan("CreateRestorePoint", *server),
      [id = point.id, fails](Server& changed, Task& task) {
        const auto made = FindPart(changed.backup.restore_points, id);
        if (made == changed.backup.restore_points.end()) return;
        made->state = fails ? "failed" : "active";
        made->created = task.created;
        made->backup_storage_id = 6;
        if (fails) return;
        for (const Volume& volume : changed.volumes)
          made->size_mb += volume.size_mb / 2;
      });
  reply.status = 201;
  return reply;
}

Reply Restore(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const auto point = FindPart(server->backup.restore_points, call.number(1));
  if (point == server->backup.restore_points.end()) return NotFound();
  if (point->state != "active") return Invalid("Restore point is not usable");
  return StartChange<&Project::servers>(
      call, *server, Plan("RestoreServer", *server), [](Server&, Task&) {});
}

Reply DeleteRestorePoint(ApiCall& call) {
  Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  if (FindPart(server->backup.restore_points, id) ==
      server->backup.restore_points.end())
    return NotFound();
  const Reply started = StartChange<&Project::servers>(
      call, *server, Plan("DeleteRestorePoint", *server),
      [id](Server& changed, Task&) {
        std::erase_if(
            changed.backup.restore_points,
            [id](const RestorePoint& point) { return point.id == id; });
      });
  return started.status != 200 || call.wants_task() ? started : Reply::Empty();
}

constexpr Generation kG2 = Generation::kG2;
constexpr Route kRoutes[] = {
    {"GET", "/servers/{id}/backup", GetBackup, "enabled", kG2},
    {"POST", "/servers/{id}/backup", SetBackup, "task_id", kG2},
    {"PUT", "/servers/{id}/backup", SetBackup, "task_id", kG2},
    {"DELETE", "/servers/{id}/backup", DeleteBackup, "task_id", kG2},
    {"GET", "/servers/{id}/backup/restore-points", ListRestorePoints,
     "restore_points", kG2},
    {"POST", "/servers/{id}/backup/restore-points", CreateRestorePoint,
     "task_id", kG2},
    {"POST", "/servers/{id}/backup/restore-points/{point_id}/restore", Restore,
     "task_id", kG2},
    {"POST", "/servers/{id}/backup/restore-points/{point_id}/restore-nearby",
     Restore, "task_id", kG2},
    {"DELETE", "/servers/{id}/backup/restore-points/{point_id}",
     DeleteRestorePoint, "task_id", kG2},
};

}  // namespace

std::span<const Route> BackupRoutes() { return kRoutes; }

}  // namespace serverspace::sim
