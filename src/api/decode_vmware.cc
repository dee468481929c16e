#include "api/decode.h"
#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

constexpr Field<VmwareNic> kNicFields[] = {
    {"id", Id<&VmwareNic::id>, kRequired},
    {"network_id", Id<&VmwareNic::network_id>},
    {"ip", Text<&VmwareNic::ip_address>},
    {"mac", Text<&VmwareNic::mac>},
    {"is_primary", Flag<&VmwareNic::primary>},
    {"bandwidth_mbps", Megabits<&VmwareNic::bandwidth_bytes_per_second>},
};

constexpr Field<VmwareGpu> kGpuFields[] = {
    {"model_id", Id<&VmwareGpu::model_id>},
    {"vram_mb", Mib<&VmwareGpu::memory_bytes>},
    {"card_count", Count<&VmwareGpu::cards>},
};

constexpr Field<VmwareServer> kServerFields[] = {
    {"id", Id<&VmwareServer::id>, kRequired},
    {"name", Text<&VmwareServer::name>},
    {"computer_name", Text<&VmwareServer::computer_name>},
    {"location_id", Id<&VmwareServer::location>},
    {"image_id", Id<&VmwareServer::image>},
    {"state", Word<&VmwareServer::state, kVmwareServerStates>, kExpected},
    {"is_power_on", Flag<&VmwareServer::power_on>, kExpected},
    {"nested_hypervisor", Flag<&VmwareServer::nested_hypervisor>},
    {"cpu", Count<&VmwareServer::cpu_cores>, kExpected},
    {"ram_mb", Mib<&VmwareServer::memory_bytes>, kExpected},
    {"system_disk_mb", Mib<&VmwareServer::system_disk_bytes>, kExpected},
    {"system_disk_type", Text<&VmwareServer::system_disk_type>},
    {"gpu", Object<&VmwareServer::gpu, kGpuFields>},
    {"nics", List<&VmwareServer::nics, kNicFields>},
    {"created", Time<&VmwareServer::created>, kExpected},
};

constexpr Field<VmwareNetwork> kNetworkFields[] = {
    {"id", Id<&VmwareNetwork::id>, kRequired},
    {"name", Text<&VmwareNetwork::name>},
    {"location_id", Id<&VmwareNetwork::location>},
    {"type", Word<&VmwareNetwork::type, kVmwareNetworkTypes>},
    {"address", Text<&VmwareNetwork::address>},
    {"mask", Count<&VmwareNetwork::prefix_length>},
    {"state", Word<&VmwareNetwork::state, kVmwareNetworkStates>, kExpected},
    {"is_dhcp", Flag<&VmwareNetwork::dhcp>},
    {"nics_count", Count<&VmwareNetwork::nics>, kExpected},
    {"bandwidth_mbps", Megabits<&VmwareNetwork::bandwidth_bytes_per_second>},
};

}  // namespace

Result<std::vector<VmwareServer>> ReadVmwareServers(Answer answer,
                                                    Drift& drift) {
  return ReadList<kServerFields>(std::move(answer),
                                 {.route = "/vmware/servers",
                                  .wrapper = "servers",
                                  .name = "vmware_servers"},
                                 &drift);
}

Result<std::vector<VmwareNetwork>> ReadVmwareNetworks(Answer answer,
                                                      Drift& drift) {
  return ReadList<kNetworkFields>(std::move(answer),
                                  {.route = "/vmware/networks",
                                   .wrapper = "networks",
                                   .name = "vmware_networks"},
                                  &drift);
}

}  // namespace serverspace::api
