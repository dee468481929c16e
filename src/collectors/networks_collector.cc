#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"
#include "collectors/operations.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kNetworks = {
    "serverspace_networks", Type::kGauge, "Number of isolated networks.", {}};
constexpr Desc kInfo = {
    "serverspace_network_info",
    Type::kInfo,
    "An isolated network; join its name and tags on network_id.",
    {"network_id", "name", "location", "tags", "prefix"}};
constexpr Desc kInfoWithoutAddresses = {
    "serverspace_network_info",
    Type::kInfo,
    "An isolated network; join its name and tags on network_id.",
    {"network_id", "name", "location", "tags"}};
constexpr Desc kState = {"serverspace_network_state",
                         Type::kGauge,
                         "1 for the state that the isolated network is in.",
                         {"network_id", "state"}};
constexpr Desc kServers = {"serverspace_network_servers",
                           Type::kGauge,
                           "Servers in the isolated network.",
                           {"network_id"}};
constexpr Desc kGateways = {
    "serverspace_network_gateways",
    Type::kGauge,
    "Gateways of the isolated network; absent where the API does not tell.",
    {"network_id"}};
constexpr Desc kCreated = {
    "serverspace_network_created_timestamp_seconds",
    Type::kGauge,
    "When the isolated network was made, as seconds since 1970.",
    {"network_id"}};

constexpr const Desc* kDescs[] = {&kNetworks,
                                  &kInfo,
                                  &kState,
                                  &kServers,
                                  &kGateways,
                                  &kCreated,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

void AddNetwork(const Run& run, const api::Network& network,
                metrics::SampleSet& out) {
  const std::string tags = JoinTags(network.tags);
  if (run.address_labels) {
    out.Add(kInfo,
            {network.id, network.name, network.location, tags, Prefix(network)},
            1);
  } else {
    out.Add(kInfoWithoutAddresses,
            {network.id, network.name, network.location, tags}, 1);
  }
  out.AddStates(kState, {network.id}, network.state, api::kNetworkStates);
  if (network.servers) out.Add(kServers, {network.id}, *network.servers);
  if (network.gateways) out.Add(kGateways, {network.id}, *network.gateways);
  if (network.created) out.Add(kCreated, {network.id}, *network.created);
}

class NetworksCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListNetworks(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Network>& networks = answer.value();
    std::vector<std::string_view> unsettled;
    for (const api::Network& network : networks) {
      AddNetwork(run, network, out);
      if (IsUnsettled(network.state)) unsettled.push_back(network.id);
    }
    out.Add(kNetworks, {}, networks.size());
    AddOperations(run, "network", unsettled, out);
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeNetworksCollector() {
  return std::make_unique<NetworksCollector>();
}

}  // namespace serverspace::collectors
