#include "simulator/patch.h"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace serverspace::sim {
namespace {

using nlohmann::json;

template <typename Object>
struct Member {
  const char* name;
  void (*set)(Object&, const json&);
};

template <auto Pointer, typename Object>
void Set(Object& object, const json& value) {
  value.get_to(object.*Pointer);
}

void SetVolumes(Server& server, const json& value) {
  std::vector<Volume> volumes;
  for (const json& item : value) {
    volumes.push_back({.id = item.at("id").get<std::int64_t>(),
                       .name = item.value("name", std::string("data")),
                       .size_mb = item.at("size_mb").get<std::int64_t>(),
                       .created = server.created});
  }
  server.volumes = std::move(volumes);
}

void SetNics(Server& server, const json& value) {
  std::vector<Nic> nics;
  for (const json& item : value) {
    nics.push_back(
        {.id = item.at("id").get<std::int64_t>(),
         .network_id = item.value("network_id", std::string("l3n901")),
         .is_public = item.value("network_type", std::string("PublicShared")) ==
                      "PublicShared",
         .mac = item.value("mac", std::string("ca:06:00:00:00:01")),
         .ip_address = item.value("ip_address", std::string()),
         .mask = item.value("mask", 24),
         .gateway = item.value("gateway", std::string()),
         .bandwidth_mbps = item.value("bandwidth_mbps", std::int64_t{0})});
  }
  server.nics = std::move(nics);
}

constexpr Member<Server> kServerMembers[] = {
    {"state", Set<&Server::state, Server>},
    {"is_power_on", Set<&Server::is_power_on, Server>},
    {"name", Set<&Server::name, Server>},
    {"location_id", Set<&Server::location_id, Server>},
    {"image_id", Set<&Server::image_id, Server>},
    {"cpu", Set<&Server::cpu, Server>},
    {"ram_mb", Set<&Server::ram_mb, Server>},
    {"tags", Set<&Server::tags, Server>},
    {"affinity_group_id", Set<&Server::affinity_group_id, Server>},
    {"volumes", SetVolumes},
    {"nics", SetNics},
};

template <typename Object, std::size_t N>
bool Apply(const Member<Object> (&members)[N], Object& object,
           const std::string& name, const json& value) {
  for (const Member<Object>& member : members) {
    if (member.name != name) continue;
    member.set(object, value);
    return true;
  }
  return false;
}

void SetKeyState(Project& project, const json& value) {
  const std::string state = value.get<std::string>();
  if (state == "valid") {
    project.key_state = KeyState::kValid;
  } else if (state == "unauthorized") {
    project.key_state = KeyState::kUnauthorized;
  } else if (state == "forbidden") {
    project.key_state = KeyState::kForbidden;
  } else {
    throw std::invalid_argument("`key` is valid, unauthorized or forbidden");
  }
}

void SetGeneration(Project& project, const json& value) {
  project.generation =
      value.get<int>() == 1 ? Generation::kG1 : Generation::kG2;
}

constexpr Member<Project> kProjectMembers[] = {
    {"id", Set<&Project::id, Project>},
    {"currency", Set<&Project::currency, Project>},
    {"state", Set<&Project::state, Project>},
    {"key", SetKeyState},
    {"generation", SetGeneration},
};

}  // namespace

Money MoneyFrom(const json& value) {
  const std::optional<Money> money =
      Money::Parse(value.is_string() ? value.get<std::string>() : value.dump());
  if (!money) throw std::invalid_argument("not an amount of money");
  return *money;
}

void PatchProjectFrom(World& world, Project& project, const json& changes) {
  for (const auto& [name, value] : changes.items()) {
    if (name == "balance") {
      world.SetBalance(project, MoneyFrom(value));
    } else if (name == "first_balance") {
      world.ResetLedger(project, MoneyFrom(value));
    } else if (!Apply(kProjectMembers, project, name, value)) {
      throw std::invalid_argument("unknown member `" + name + "`");
    }
  }
  world.Changed(project);
}

void PatchServerFrom(Server& server, const json& changes) {
  for (const auto& [name, value] : changes.items()) {
    if (!Apply(kServerMembers, server, name, value))
      throw std::invalid_argument("unknown member `" + name + "`");
  }
}

Server& AddSeededServer(World& world, Project& project) {
  return SeedServer(
      world, project,
      static_cast<std::uint64_t>(project.version) + project.servers.size());
}

}  // namespace serverspace::sim
