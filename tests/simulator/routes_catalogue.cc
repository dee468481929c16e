#include <nlohmann/json.hpp>

#include "simulator/catalogue.h"
#include "simulator/location.h"
#include "simulator/render.h"
#include "simulator/routes.h"

namespace serverspace::sim {
namespace {

bool Wanted(const ApiCall& call, std::string_view location_id) {
  const std::string* filter = call.Query("location_id");
  return filter == nullptr || *filter == location_id;
}

/// Calls `render(location)` for each location that is open for orders and asked
/// for.
template <typename Render>
void ForEachLocation(const ApiCall& call, const Render& render) {
  for (const Location& location : Locations()) {
    if (location.open_for_orders && Wanted(call, location.id)) render(location);
  }
}

void RenderLocation(JsonWriter& json, const Location& location) {
  json.BeginObject()
      .Field("id", location.id)
      .Field("system_volume_min", kSystemVolumeMinMb);
  json.Field("additional_volume_min", kVolumeStepMb)
      .Field("volume_max", kVolumeMaxMb);
  json.Field("windows_system_volume_min", kWindowsVolumeMinMb);
  json.Field("bandwidth_min", kBandwidthMinMbps)
      .Field("bandwidth_max", kBandwidthMaxMbps);
  json.ArrayField("cpu_quantity_options", kCpuOptions)
      .ArrayField("ram_size_options", kRamOptions)
      .EndObject();
}

Reply ListLocations(ApiCall& call) {
  return Reply::Json(Wrapped("locations", [&](JsonWriter& json) {
    json.BeginArray();
    ForEachLocation(call, [&](const Location& location) {
      RenderLocation(json, location);
    });
    json.EndArray();
  }));
}

Reply ListImages(ApiCall& call) {
  return Reply::Json(Wrapped("images", [&](JsonWriter& json) {
    json.BeginArray();
    ForEachLocation(call, [&](const Location& location) {
      for (const Image& image : Images()) {
        json.BeginObject()
            .Field("id", image.id)
            .Field("location_id", location.id)
            .Field("type", image.type);
        json.Field("os_version", image.os_version).Field("architecture", "X64");
        json.Field("allow_ssh_keys", image.allow_ssh_keys).EndObject();
      }
    });
    json.EndArray();
  }));
}

void RenderApplication(JsonWriter& json, std::string_view id,
                       std::string_view location_id, bool g2) {
  const bool rich = id == "flowtool";
  json.BeginObject().Field("id", id).Field("location_id", location_id);
  json.ArrayField(
      "images", std::vector<std::string>{"Debian-12-X64", "Ubuntu-24.04-X64"});
  if (g2) {
    if (rich) {
      json.Field("category", "Automation")
          .Field("documentation_url", "https://docs.example.org/flowtool");
      json.Field("credentials_mode", "ServicePassword");
    }
    json.Field("llm_key_enabled", rich);
    if (rich) {
      json.Field("recommended_cpu", 2)
          .Field("recommended_ram_mb", 4096)
          .Field("recommended_storage_mb", 40960);
    }
    json.Key("parameters").BeginArray();
    if (rich) {
      json.BeginObject()
          .Field("name", "FLOW_HOST")
          .Field("required", false)
          .Field("default", "localhost");
      json.Field("secret", false).EndObject();
      json.BeginObject().Field("name", "FLOW_LLM_KEY").Field("required", true);
      json.Field("default", "SIM-SECRET-PARAMETER")
          .Field("secret", true)
          .Field("llm_kind", "Key")
          .EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
}

Reply ListApplications(ApiCall& call) {
  const std::string* wanted = call.Query("application_id");
  return Reply::Json(Wrapped("applications", [&](JsonWriter& json) {
    json.BeginArray();
    ForEachLocation(call, [&](const Location& location) {
      for (const std::string_view id : {"flowtool", "blogtool"}) {
        if (wanted == nullptr || *wanted == id)
          RenderApplication(json, id, location.id, call.is_g2());
      }
    });
    json.EndArray();
  }));
}

void RenderStorages(JsonWriter& json, std::string_view location_id) {
  json.BeginObject().Key("storages").BeginArray().BeginObject();
  json.Field("id", 6)
      .Field("name", "Object store")
      .Field("description", "cold copies")
      .Field("sort_order", 1);
  json.RawField("price_per_gb", "0.04").Field("location_id", location_id);
  json.ArrayField("restore_location_ids",
                  std::vector<std::string>{"am2", "nj3"})
      .EndObject()
      .EndArray();
  json.Key("limits")
      .BeginObject()
      .Field("schedule_window_from_hour", 0)
      .Field("schedule_window_to_hour", 5);
  const auto limit = [&](const char* rule, int max_keep, int default_keep) {
    json.Key(rule)
        .BeginObject()
        .Field("max_keep", max_keep)
        .Field("default_keep", default_keep)
        .EndObject();
  };
  limit("daily", 30, 7);
  limit("weekly", 12, 4);
  limit("monthly", 12, 0);
  json.EndObject().EndObject();
}

Reply ListBackupStorages(ApiCall& call) {
  const std::string* location = call.Query("location_id");
  if (location == nullptr || FindLocation(*location) == nullptr)
    return Invalid("location_id is required");
  JsonWriter json;
  RenderStorages(json, *location);
  return Reply::Json(std::move(json).Take());
}

Reply ListServerStorages(ApiCall& call) {
  const auto server = call.project.servers.find(call.ids[0]);
  if (server == call.project.servers.end()) return NotFound();
  JsonWriter json;
  RenderStorages(json, server->second.location_id);
  return Reply::Json(std::move(json).Take());
}

constexpr Route kRoutes[] = {
    {"GET", "/locations", ListLocations, "locations"},
    {"GET", "/images", ListImages, "images"},
    {"GET", "/applications", ListApplications, "applications"},
    {"GET", "/backup/storages", ListBackupStorages, "storages",
     Generation::kG2},
    {"GET", "/servers/{id}/backup/storages", ListServerStorages, "storages",
     Generation::kG2},
};

}  // namespace

std::span<const Route> CatalogueRoutes() { return kRoutes; }

}  // namespace serverspace::sim
