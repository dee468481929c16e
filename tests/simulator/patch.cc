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

namespace {

constexpr Member<Network> kNetworkMembers[] = {
    {"state", Set<&Network::state, Network>},
    {"name", Set<&Network::name, Network>},
    {"description", Set<&Network::description, Network>},
    {"tags", Set<&Network::tags, Network>},
};
constexpr Member<Gateway> kGatewayMembers[] = {
    {"state", Set<&Gateway::state, Gateway>},
    {"name", Set<&Gateway::name, Gateway>},
    {"powered_on", Set<&Gateway::powered_on, Gateway>},
    {"tags", Set<&Gateway::tags, Gateway>},
};
constexpr Member<Domain> kDomainMembers[] = {
    {"is_delegated", Set<&Domain::is_delegated, Domain>},
};
constexpr Member<Cluster> kClusterMembers[] = {
    {"state", Set<&Cluster::state, Cluster>},
    {"name", Set<&Cluster::name, Cluster>},
    {"version", Set<&Cluster::version, Cluster>},
};
constexpr Member<VmwareServer> kVmwareServerMembers[] = {
    {"state", Set<&VmwareServer::state, VmwareServer>},
    {"name", Set<&VmwareServer::name, VmwareServer>},
    {"is_power_on", Set<&VmwareServer::is_power_on, VmwareServer>},
    {"cpu", Set<&VmwareServer::cpu, VmwareServer>},
    {"ram_mb", Set<&VmwareServer::ram_mb, VmwareServer>},
};
constexpr Member<VmwareNetwork> kVmwareNetworkMembers[] = {
    {"state", Set<&VmwareNetwork::state, VmwareNetwork>},
    {"name", Set<&VmwareNetwork::name, VmwareNetwork>},
};

const std::string& IdText(const std::string& id) { return id; }
std::string IdText(std::int64_t id) { return std::to_string(id); }

/// Calls `visit(map, members)` for the collection of that name; false if there
/// is none.
template <typename Visit>
bool VisitCollection(Project& project, const std::string& name,
                     const Visit& visit) {
  if (name == "servers") return visit(project.servers, kServerMembers);
  if (name == "networks") return visit(project.networks, kNetworkMembers);
  if (name == "gateways") return visit(project.gateways, kGatewayMembers);
  if (name == "domains") return visit(project.domains, kDomainMembers);
  if (name == "clusters") return visit(project.clusters, kClusterMembers);
  if (name == "vmware_servers")
    return visit(project.vmware_servers, kVmwareServerMembers);
  if (name == "vmware_networks")
    return visit(project.vmware_networks, kVmwareNetworkMembers);
  return false;
}

template <typename Objects>
auto FindByText(Objects& objects, const std::string& id) {
  auto found = objects.begin();
  while (found != objects.end() && IdText(found->first) != id) ++found;
  return found;
}

}  // namespace

bool PatchObjectFrom(Project& project, const std::string& collection,
                     const std::string& id, const json& changes) {
  return VisitCollection(
      project, collection, [&](auto& objects, const auto& members) {
        const auto found = FindByText(objects, id);
        if (found == objects.end()) return false;
        for (const auto& [name, value] : changes.items()) {
          if (!Apply(members, found->second, name, value))
            throw std::invalid_argument("unknown member `" + name + "`");
        }
        return true;
      });
}

bool DeleteObject(Project& project, const std::string& collection,
                  const std::string& id) {
  return VisitCollection(project, collection, [&](auto& objects, const auto&) {
    const auto found = FindByText(objects, id);
    if (found == objects.end()) return false;
    objects.erase(found);
    return true;
  });
}

Server& AddSeededServer(World& world, Project& project) {
  return SeedServer(
      world, project,
      static_cast<std::uint64_t>(project.version) + project.servers.size());
}

}  // namespace serverspace::sim
