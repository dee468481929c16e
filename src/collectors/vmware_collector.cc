#include <map>
#include <string>
#include <string_view>
#include <utility>
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

constexpr Desc kServers = {"serverspace_vmware_servers",
                           Type::kGauge,
                           "Number of VMware servers.",
                           {}};
constexpr Desc kInfo = {"serverspace_vmware_server_info",
                        Type::kInfo,
                        "A VMware server; join its name on server_id.",
                        {"server_id", "name", "computer_name", "location",
                         "image", "system_disk_type", "gpu_model"}};
constexpr Desc kState = {"serverspace_vmware_server_state",
                         Type::kGauge,
                         "1 for the state that the VMware server is in.",
                         {"server_id", "state"}};
constexpr Desc kPowerOn = {"serverspace_vmware_server_power_on",
                           Type::kGauge,
                           "1 if the VMware server is powered on, else 0.",
                           {"server_id"}};
constexpr Desc kCpuCores = {"serverspace_vmware_server_cpu_cores",
                            Type::kGauge,
                            "CPU cores of the VMware server.",
                            {"server_id"}};
constexpr Desc kMemory = {"serverspace_vmware_server_memory_bytes",
                          Type::kGauge,
                          "Memory of the VMware server.",
                          {"server_id"}};
constexpr Desc kSystemDisk = {
    "serverspace_vmware_server_system_disk_size_bytes",
    Type::kGauge,
    "Size of the VMware server's system disk.",
    {"server_id"}};
constexpr Desc kNestedHypervisor = {
    "serverspace_vmware_server_nested_hypervisor",
    Type::kGauge,
    "1 if the VMware server may run virtual machines of its own, else 0.",
    {"server_id"}};
constexpr Desc kGpuCards = {
    "serverspace_vmware_server_gpu_cards",
    Type::kGauge,
    "GPU cards of the VMware server; absent if it has none.",
    {"server_id"}};
constexpr Desc kGpuMemory = {
    "serverspace_vmware_server_gpu_memory_bytes",
    Type::kGauge,
    "GPU memory of the VMware server; absent if it has none.",
    {"server_id"}};
constexpr Desc kCreated = {
    "serverspace_vmware_server_created_timestamp_seconds",
    Type::kGauge,
    "When the VMware server was made, as seconds since 1970.",
    {"server_id"}};
constexpr Desc kNicInfo = {
    "serverspace_vmware_server_nic_info",
    Type::kInfo,
    "A network interface of a VMware server.",
    {"server_id", "nic_id", "network_id", "ip_address", "mac"}};
constexpr Desc kNicInfoWithoutAddresses = {
    "serverspace_vmware_server_nic_info",
    Type::kInfo,
    "A network interface of a VMware server.",
    {"server_id", "nic_id", "network_id"}};
constexpr Desc kNicBandwidth = {
    "serverspace_vmware_server_nic_bandwidth_limit_bytes_per_second",
    Type::kGauge,
    "Bandwidth limit of the network interface; absent if it has none.",
    {"server_id", "nic_id"}};

constexpr Desc kNetworks = {"serverspace_vmware_networks",
                            Type::kGauge,
                            "Number of VMware networks.",
                            {}};
constexpr Desc kNetworkInfo = {
    "serverspace_vmware_network_info",
    Type::kInfo,
    "A VMware network; join its name on network_id.",
    {"network_id", "name", "location", "type", "prefix"}};
constexpr Desc kNetworkInfoWithoutAddresses = {
    "serverspace_vmware_network_info",
    Type::kInfo,
    "A VMware network; join its name on network_id.",
    {"network_id", "name", "location", "type"}};
constexpr Desc kNetworkState = {
    "serverspace_vmware_network_state",
    Type::kGauge,
    "1 for the state that the VMware network is in.",
    {"network_id", "state"}};
constexpr Desc kNetworkNics = {"serverspace_vmware_network_nics",
                               Type::kGauge,
                               "Network interfaces in the VMware network.",
                               {"network_id"}};
constexpr Desc kNetworkDhcp = {
    "serverspace_vmware_network_dhcp",
    Type::kGauge,
    "1 if the VMware network gives out addresses by DHCP, else 0.",
    {"network_id"}};
constexpr Desc kNetworkBandwidth = {
    "serverspace_vmware_network_bandwidth_limit_bytes_per_second",
    Type::kGauge,
    "Bandwidth limit of the VMware network; absent if it has none.",
    {"network_id"}};

constexpr const Desc* kDescs[] = {&kServers,
                                  &kInfo,
                                  &kState,
                                  &kPowerOn,
                                  &kCpuCores,
                                  &kMemory,
                                  &kSystemDisk,
                                  &kNestedHypervisor,
                                  &kGpuCards,
                                  &kGpuMemory,
                                  &kCreated,
                                  &kNicInfo,
                                  &kNicBandwidth,
                                  &kNetworks,
                                  &kNetworkInfo,
                                  &kNetworkState,
                                  &kNetworkNics,
                                  &kNetworkDhcp,
                                  &kNetworkBandwidth,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

void AddNic(const Run& run, const api::VmwareServer& server,
            const api::VmwareNic& nic, metrics::SampleSet& out) {
  if (run.address_labels) {
    out.Add(kNicInfo,
            {server.id, nic.id, nic.network_id, nic.ip_address, nic.mac}, 1);
  } else {
    out.Add(kNicInfoWithoutAddresses, {server.id, nic.id, nic.network_id}, 1);
  }
  if (nic.bandwidth_bytes_per_second > 0) {
    out.Add(kNicBandwidth, {server.id, nic.id}, nic.bandwidth_bytes_per_second);
  }
}

void AddServer(const Run& run, const api::VmwareServer& server,
               metrics::SampleSet& out) {
  out.Add(kInfo,
          {server.id, server.name, server.computer_name, server.location,
           server.image, server.system_disk_type,
           server.gpu ? server.gpu->model_id : std::string_view()},
          1);
  out.AddStates(kState, {server.id}, server.state, api::kVmwareServerStates);
  if (server.power_on) out.Add(kPowerOn, {server.id}, *server.power_on);
  if (server.cpu_cores) out.Add(kCpuCores, {server.id}, *server.cpu_cores);
  if (server.memory_bytes) out.Add(kMemory, {server.id}, *server.memory_bytes);
  if (server.system_disk_bytes)
    out.Add(kSystemDisk, {server.id}, *server.system_disk_bytes);
  if (server.nested_hypervisor)
    out.Add(kNestedHypervisor, {server.id}, *server.nested_hypervisor);
  if (server.gpu && server.gpu->cards)
    out.Add(kGpuCards, {server.id}, *server.gpu->cards);
  if (server.gpu && server.gpu->memory_bytes)
    out.Add(kGpuMemory, {server.id}, *server.gpu->memory_bytes);
  if (server.created) out.Add(kCreated, {server.id}, *server.created);
  for (const api::VmwareNic& nic : server.nics) AddNic(run, server, nic, out);
}

void AddNetwork(const Run& run, const api::VmwareNetwork& network,
                metrics::SampleSet& out) {
  if (run.address_labels) {
    out.Add(kNetworkInfo,
            {network.id, network.name, network.location, network.type,
             Prefix(network)},
            1);
  } else {
    out.Add(kNetworkInfoWithoutAddresses,
            {network.id, network.name, network.location, network.type}, 1);
  }
  out.AddStates(kNetworkState, {network.id}, network.state,
                api::kVmwareNetworkStates);
  if (network.nics) out.Add(kNetworkNics, {network.id}, *network.nics);
  if (network.dhcp) out.Add(kNetworkDhcp, {network.id}, *network.dhcp);
  if (network.bandwidth_bytes_per_second > 0) {
    out.Add(kNetworkBandwidth, {network.id},
            network.bandwidth_bytes_per_second);
  }
}

void AddServers(const Run& run, const std::vector<api::VmwareServer>& servers,
                metrics::SampleSet& out) {
  std::vector<std::string_view> unsettled;
  for (const api::VmwareServer& server : servers) {
    AddServer(run, server, out);
    if (server.state == "creating" || server.state == "deleting")
      unsettled.push_back(server.id);
  }
  out.Add(kServers, {}, servers.size());
  AddOperations(run, "vmware_server", unsettled, out);
}

void AddNetworks(const Run& run,
                 const std::vector<api::VmwareNetwork>& networks,
                 metrics::SampleSet& out) {
  std::vector<std::string_view> unsettled;
  for (const api::VmwareNetwork& network : networks) {
    AddNetwork(run, network, out);
    // Whatever else it is, it is still settling (API reference 2.16).
    if (!network.state.empty() && network.state != "active")
      unsettled.push_back(network.id);
  }
  out.Add(kNetworks, {}, networks.size());
  AddOperations(run, "vmware_network", unsettled, out);
}

/// API reference 2.16. Shared networks need not be among those listed.
using Reaches = std::map<std::string_view, Reach>;

Reaches ReachesOf(const std::vector<api::VmwareNetwork>& networks) {
  Reaches reaches;
  for (const api::VmwareNetwork& network : networks) {
    if (network.type.starts_with("public_"))
      reaches.emplace(network.id, Reach::kPublic);
    if (network.type == "private_client" || network.type == "routed_client")
      reaches.emplace(network.id, Reach::kPrivate);
  }
  return reaches;
}

InventoryServer ToInventory(api::VmwareServer&& server,
                            const Reaches& reaches) {
  std::vector<AddressCandidate> candidates;
  for (const api::VmwareNic& nic : server.nics) {
    const auto known = reaches.find(nic.network_id);
    candidates.push_back(
        {.nic_id = nic.id,
         .address = nic.ip_address,
         .reach = known == reaches.end() ? Reach::kUnknown : known->second,
         .primary = nic.primary});
  }
  ServerAddresses addresses = ChooseAddresses(candidates);
  return {.id = std::move(server.id),
          .name = std::move(server.name),
          .location = std::move(server.location),
          .image = std::move(server.image),
          .state = std::move(server.state),
          .tags = {},
          .public_ip = std::move(addresses.public_ip),
          .private_ip = std::move(addresses.private_ip),
          .power_on = server.power_on};
}

class VmwareCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    auto servers = run.api.ListVmwareServers(run.call);
    if (!servers.ok()) return servers.error();
    auto networks = run.api.ListVmwareNetworks(run.call);
    if (!networks.ok()) return AsFailure(networks.error());
    AddServers(run, servers.value(), out);
    AddNetworks(run, networks.value(), out);

    const Reaches reaches = ReachesOf(networks.value());
    std::vector<InventoryServer> inventory;
    inventory.reserve(servers.value().size());
    for (api::VmwareServer& server : servers.value())
      inventory.push_back(ToInventory(std::move(server), reaches));
    run.inventory.ReplaceVmware(std::move(inventory));
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeVmwareCollector() {
  return std::make_unique<VmwareCollector>();
}

}  // namespace serverspace::collectors
