#include "simulator/server_parts.h"

#include <nlohmann/json.hpp>

#include "simulator/addresses.h"
#include "simulator/catalogue.h"
#include "simulator/location.h"

namespace serverspace::sim {

Server* FindServer(ApiCall& call) {
  const auto found = call.project.servers.find(call.ids.at(0));
  return found == call.project.servers.end() ? nullptr : &found->second;
}

std::optional<Nic> MakeNic(ApiCall& call, const nlohmann::json& wish,
                           std::string_view location_id, std::string& reason) {
  Nic nic;
  nic.id = call.world.NextNumber("nic");
  nic.mac = MacAddress(nic.id);
  if (const auto network_id = Text(wish, "network_id")) {
    const auto network = call.project.networks.find(*network_id);
    if (network == call.project.networks.end() ||
        network->second.location_id != location_id) {
      reason = "Network does not exist in the location";
      return std::nullopt;
    }
    nic.network_id = *network_id;
    nic.mask = network->second.mask;
    nic.ip_address = Text(wish, "ip_address").value_or("");
    return nic;
  }
  const std::int64_t bandwidth = Integer(wish, "bandwidth_mbps").value_or(0);
  if (bandwidth < kBandwidthMinMbps || bandwidth > kBandwidthMaxMbps ||
      bandwidth % 10 != 0) {
    reason = "Bandwidth is not supported";
    return std::nullopt;
  }
  nic.network_id = SharedNetworkId(location_id);
  nic.is_public = true;
  nic.gateway = kPublicGateway;
  nic.bandwidth_mbps = bandwidth;
  return nic;
}

void AssignAddress(Nic& nic) {
  if (!nic.ip_address.empty()) return;
  nic.ip_address =
      nic.is_public ? PublicAddress(nic.id) : PrivateAddress(nic.id);
}

}  // namespace serverspace::sim
