#include <vector>

#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"
#include "collectors/operations.h"
#include "collectors/server_addresses.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kServers = {
    "serverspace_servers", Type::kGauge, "Number of servers.", {}};
constexpr Desc kInfo = {
    "serverspace_server_info",
    Type::kInfo,
    "A server; join its name and tags on server_id.",
    {"server_id", "name", "location", "image", "affinity_group_id", "tags"}};
constexpr Desc kState = {"serverspace_server_state",
                         Type::kGauge,
                         "1 for the state that the server is in.",
                         {"server_id", "state"}};
constexpr Desc kStateSince = {
    "serverspace_server_state_since_timestamp_seconds",
    Type::kGauge,
    "When the server was first seen in its present state, as seconds since "
    "1970; never before the true change.",
    {"server_id"}};
constexpr Desc kPowerOn = {"serverspace_server_power_on",
                           Type::kGauge,
                           "1 if the server is powered on, else 0.",
                           {"server_id"}};
constexpr Desc kCpuCores = {"serverspace_server_cpu_cores",
                            Type::kGauge,
                            "CPU cores of the server.",
                            {"server_id"}};
constexpr Desc kMemory = {"serverspace_server_memory_bytes",
                          Type::kGauge,
                          "Memory of the server.",
                          {"server_id"}};
constexpr Desc kCreated = {"serverspace_server_created_timestamp_seconds",
                           Type::kGauge,
                           "When the server was made, as seconds since 1970.",
                           {"server_id"}};
constexpr Desc kVolumeInfo = {"serverspace_server_volume_info",
                              Type::kInfo,
                              "A volume of a server.",
                              {"server_id", "volume_id", "name"}};
constexpr Desc kVolumeSize = {"serverspace_server_volume_size_bytes",
                              Type::kGauge,
                              "Size of the volume.",
                              {"server_id", "volume_id"}};
constexpr Desc kNicInfo = {
    "serverspace_server_nic_info",
    Type::kInfo,
    "A network interface of a server.",
    {"server_id", "nic_id", "network_id", "network_type", "ip_address", "mac"}};
constexpr Desc kNicInfoWithoutAddresses = {
    "serverspace_server_nic_info",
    Type::kInfo,
    "A network interface of a server.",
    {"server_id", "nic_id", "network_id", "network_type"}};
constexpr Desc kNicBandwidth = {
    "serverspace_server_nic_bandwidth_limit_bytes_per_second",
    Type::kGauge,
    "Bandwidth limit of the network interface; absent if it has none.",
    {"server_id", "nic_id"}};
constexpr Desc kApplicationState = {
    "serverspace_server_application_state",
    Type::kGauge,
    "1 for the state that the installation of the application is in.",
    {"server_id", "application", "state"}};

constexpr const Desc* kDescs[] = {&kServers,
                                  &kInfo,
                                  &kState,
                                  &kStateSince,
                                  &kPowerOn,
                                  &kCpuCores,
                                  &kMemory,
                                  &kCreated,
                                  &kVolumeInfo,
                                  &kVolumeSize,
                                  &kNicInfo,
                                  &kNicBandwidth,
                                  &kApplicationState,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

void AddNic(const Run& run, const api::Server& server, const api::Nic& nic,
            metrics::SampleSet& out) {
  if (run.address_labels) {
    out.Add(kNicInfo,
            {server.id, nic.id, nic.network_id, nic.network_type,
             nic.ip_address, nic.mac},
            1);
  } else {
    out.Add(kNicInfoWithoutAddresses,
            {server.id, nic.id, nic.network_id, nic.network_type}, 1);
  }
  if (nic.bandwidth_bytes_per_second > 0) {
    out.Add(kNicBandwidth, {server.id, nic.id}, nic.bandwidth_bytes_per_second);
  }
}

void AddServer(const Run& run, const api::Server& server, WallTime since,
               metrics::SampleSet& out) {
  out.Add(kInfo,
          {server.id, server.name, server.location, server.image,
           server.affinity_group_id, JoinTags(server.tags)},
          1);
  out.AddStates(kState, {server.id}, server.state, api::kServerStates);
  if (!server.state.empty()) out.Add(kStateSince, {server.id}, since);
  if (server.power_on) out.Add(kPowerOn, {server.id}, *server.power_on);
  if (server.cpu_cores) out.Add(kCpuCores, {server.id}, *server.cpu_cores);
  if (server.memory_bytes) out.Add(kMemory, {server.id}, *server.memory_bytes);
  if (server.created) out.Add(kCreated, {server.id}, *server.created);
  for (const api::Volume& volume : server.volumes) {
    out.Add(kVolumeInfo, {server.id, volume.id, volume.name}, 1);
    if (volume.size_bytes)
      out.Add(kVolumeSize, {server.id, volume.id}, *volume.size_bytes);
  }
  for (const api::Nic& nic : server.nics) AddNic(run, server, nic, out);
  for (const api::Application& application : server.applications) {
    out.AddStates(kApplicationState, {server.id, application.id},
                  application.state, api::kApplicationStates);
  }
}

/// API reference 2.6.
Reach ReachOf(const std::string& network_type) {
  if (network_type == "publicshared") return Reach::kPublic;
  if (network_type == "isolated") return Reach::kPrivate;
  return Reach::kUnknown;
}

/// A copy of everything: what is moved would keep its place in the heap between
/// all that goes with the answer, and next to nothing of that could be given
/// back to the system.
InventoryServer ToInventory(const api::Server& server) {
  std::vector<AddressCandidate> candidates;
  for (const api::Nic& nic : server.nics) {
    candidates.push_back({.nic_id = nic.id,
                          .address = nic.ip_address,
                          .reach = ReachOf(nic.network_type)});
  }
  ServerAddresses addresses = ChooseAddresses(candidates);
  return {.id = server.id,
          .name = server.name,
          .location = server.location,
          .image = server.image,
          .state = server.state,
          .tags = server.tags,
          .public_ip = std::move(addresses.public_ip),
          .private_ip = std::move(addresses.private_ip),
          .power_on = server.power_on};
}

class ServersCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    auto answer = run.api.ListServers(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Server>& servers = answer.value();

    std::vector<FirstSeen::Item> states;
    states.reserve(servers.size());
    std::vector<std::string_view> unsettled;
    for (const api::Server& server : servers) {
      states.push_back({server.id, server.state});
      if (IsUnsettled(server.state)) unsettled.push_back(server.id);
    }
    const std::vector<WallTime> since =
        run.first_seen.Observe("server", states);
    for (std::size_t i = 0; i < servers.size(); ++i)
      AddServer(run, servers[i], since[i], out);
    out.Add(kServers, {}, servers.size());
    AddOperations(run, "server", unsettled, out);

    std::vector<InventoryServer> inventory;
    inventory.reserve(servers.size());
    for (const api::Server& server : servers)
      inventory.push_back(ToInventory(server));
    run.inventory.Replace(std::move(inventory));
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeServersCollector() {
  return std::make_unique<ServersCollector>();
}

}  // namespace serverspace::collectors
