#include "simulator/render.h"

namespace serverspace::sim {
namespace {

void VolumeMembers(JsonWriter& json, const Volume& volume) {
  json.Field("name", volume.name)
      .Field("size_mb", volume.size_mb)
      .Field("created", FormatTime(volume.created));
}

void NicMembers(JsonWriter& json, const Nic& nic) {
  json.Field("network_id", nic.network_id)
      .Field("network_type", nic.is_public ? "PublicShared" : "Isolated");
  json.Field("mac", nic.mac)
      .OptionalField("ip_address", nic.ip_address)
      .Field("mask", nic.mask);
  json.OptionalField("gateway", nic.gateway)
      .Field("bandwidth_mbps", nic.bandwidth_mbps);
}

void RenderInstallation(JsonWriter& json, const Installation& made) {
  json.BeginObject().Field("id", made.id).Field("state", made.state);
  json.OptionalField("outcome_reason", made.outcome_reason);
  if (made.installed_at)
    json.Field("installed_at", FormatTimeToSecond(*made.installed_at));
  json.Key("addresses").BeginArray();
  if (!made.address.empty()) {
    json.BeginObject()
        .Field("service", made.service)
        .Field("address", made.address)
        .EndObject();
  }
  json.EndArray().Key("components").BeginArray();
  for (const Component& component : made.components) {
    json.BeginObject()
        .Field("name", component.name)
        .Field("kind", component.kind);
    json.OptionalField("observed_status", component.observed_status)
        .OptionalField("address", component.address);
    json.EndObject();
  }
  json.EndArray()
      .OptionalField("app_login", made.app_login)
      .OptionalField("app_password", made.app_password);
  json.OptionalField("llm_key_id", made.llm_key_id).EndObject();
}

}  // namespace

void RenderProject(JsonWriter& json, const Project& project) {
  json.BeginObject()
      .Field("id", project.id)
      .RawField("balance", project.balance.ToString());
  json.Field("currency", project.currency).Field("state", project.state);
  json.Field("created", FormatTime(project.created)).EndObject();
}

void RenderServer(JsonWriter& json, const Server& server,
                  Generation generation) {
  json.BeginObject()
      .Field("id", server.id)
      .Field("location_id", server.location_id);
  json.Field("cpu", server.cpu)
      .Field("ram_mb", server.ram_mb)
      .Key("volumes")
      .BeginArray();
  for (const Volume& volume : server.volumes) {
    json.BeginObject().Field("id", volume.id);
    VolumeMembers(json, volume);
    json.EndObject();
  }
  json.EndArray().Key("nics").BeginArray();
  for (const Nic& nic : server.nics) {
    json.BeginObject().Field("id", nic.id);
    NicMembers(json, nic);
    json.EndObject();
  }
  json.EndArray()
      .Field("image_id", server.image_id)
      .Field("is_power_on", server.is_power_on);
  json.Field("name", server.name)
      .OptionalField("login", server.login)
      .OptionalField("password", server.password);
  json.ArrayField("ssh_key_ids", server.ssh_key_ids)
      .Field("state", server.state);
  json.Field("created", FormatTime(server.created))
      .ArrayField("tags", server.tags);
  if (generation == Generation::kG2) {
    json.ArrayField("application_ids", server.application_ids);
    if (server.installations) {
      json.Key("application_installations").BeginArray();
      for (const Installation& made : *server.installations)
        RenderInstallation(json, made);
      json.EndArray();
    }
    json.OptionalField("affinity_group_id", server.affinity_group_id);
  }
  json.EndObject();
}

void RenderVolume(JsonWriter& json, const Volume& volume,
                  const Server& server) {
  json.BeginObject().Field("id", volume.id).Field("server_id", server.id);
  VolumeMembers(json, volume);
  json.EndObject();
}

void RenderNic(JsonWriter& json, const Nic& nic, const Server& server) {
  json.BeginObject().Field("id", nic.id).Field("server_id", server.id);
  NicMembers(json, nic);
  json.EndObject();
}

void RenderSnapshot(JsonWriter& json, const Snapshot& snapshot,
                    const Server& server) {
  json.BeginObject()
      .Field("id", snapshot.id)
      .Field("server_id", server.id)
      .Field("name", snapshot.name);
  json.Field("size_mb", snapshot.size_mb)
      .Field("created", FormatTime(snapshot.created))
      .EndObject();
}

}  // namespace serverspace::sim
