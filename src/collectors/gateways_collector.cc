#include <algorithm>
#include <cstdint>
#include <optional>

#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"
#include "collectors/operations.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kGateways = {
    "serverspace_gateways", Type::kGauge, "Number of gateways.", {}};
constexpr Desc kInfo = {"serverspace_gateway_info",
                        Type::kInfo,
                        "A gateway; join its name and tags on gateway_id.",
                        {"gateway_id", "name", "location", "tags"}};
constexpr Desc kState = {"serverspace_gateway_state",
                         Type::kGauge,
                         "1 for the state that the gateway is in.",
                         {"gateway_id", "state"}};
constexpr Desc kPowerOn = {"serverspace_gateway_power_on",
                           Type::kGauge,
                           "1 if the gateway is powered on, else 0.",
                           {"gateway_id"}};
constexpr Desc kBandwidth = {
    "serverspace_gateway_bandwidth_limit_bytes_per_second",
    Type::kGauge,
    "Bandwidth limit of the gateway's uplink; absent if it has none.",
    {"gateway_id"}};
constexpr Desc kNatRules = {"serverspace_gateway_nat_rules",
                            Type::kGauge,
                            "NAT rules of the gateway.",
                            {"gateway_id"}};
constexpr Desc kFirewallRules = {"serverspace_gateway_firewall_rules",
                                 Type::kGauge,
                                 "Firewall rules of the gateway.",
                                 {"gateway_id"}};
constexpr Desc kNetworks = {"serverspace_gateway_networks",
                            Type::kGauge,
                            "Isolated networks that the gateway serves.",
                            {"gateway_id"}};
constexpr Desc kNicInfo = {
    "serverspace_gateway_nic_info",
    Type::kInfo,
    "A network interface of a gateway.",
    {"gateway_id", "nic_id", "network_id", "ip_address"}};
constexpr Desc kNicInfoWithoutAddresses = {
    "serverspace_gateway_nic_info",
    Type::kInfo,
    "A network interface of a gateway.",
    {"gateway_id", "nic_id", "network_id"}};
constexpr Desc kCreated = {"serverspace_gateway_created_timestamp_seconds",
                           Type::kGauge,
                           "When the gateway was made, as seconds since 1970.",
                           {"gateway_id"}};

constexpr const Desc* kDescs[] = {&kGateways,
                                  &kInfo,
                                  &kState,
                                  &kPowerOn,
                                  &kBandwidth,
                                  &kNatRules,
                                  &kFirewallRules,
                                  &kNetworks,
                                  &kNicInfo,
                                  &kCreated,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

bool IsUplink(const api::GatewayNic& nic) {
  return nic.bandwidth_bytes_per_second > 0;
}

std::optional<std::int64_t> CountNetworks(const api::Gateway& gateway) {
  if (gateway.networks || !gateway.nics) return gateway.networks;
  return std::ranges::count_if(*gateway.nics,
                               [](const auto& nic) { return !IsUplink(nic); });
}

void AddNics(const Run& run, const api::Gateway& gateway,
             const std::vector<api::GatewayNic>& nics,
             metrics::SampleSet& out) {
  const auto uplink = std::ranges::max_element(
      nics, {}, &api::GatewayNic::bandwidth_bytes_per_second);
  if (uplink != nics.end() && IsUplink(*uplink))
    out.Add(kBandwidth, {gateway.id}, uplink->bandwidth_bytes_per_second);
  for (const api::GatewayNic& nic : nics) {
    if (run.address_labels) {
      out.Add(kNicInfo, {gateway.id, nic.id, nic.network_id, nic.ip_address},
              1);
    } else {
      out.Add(kNicInfoWithoutAddresses, {gateway.id, nic.id, nic.network_id},
              1);
    }
  }
}

void AddGateway(const Run& run, const api::Gateway& gateway,
                metrics::SampleSet& out) {
  out.Add(kInfo,
          {gateway.id, gateway.name, gateway.location, JoinTags(gateway.tags)},
          1);
  out.AddStates(kState, {gateway.id}, gateway.state, api::kGatewayStates);
  if (gateway.power_on) out.Add(kPowerOn, {gateway.id}, *gateway.power_on);
  const auto add_number = [&](const Desc& desc,
                              std::optional<std::int64_t> number) {
    if (number) out.Add(desc, {gateway.id}, *number);
  };
  add_number(kNatRules, gateway.nat_rules);
  add_number(kFirewallRules, gateway.firewall_rules);
  add_number(kNetworks, CountNetworks(gateway));
  if (gateway.nics) AddNics(run, gateway, *gateway.nics, out);
  if (gateway.created) out.Add(kCreated, {gateway.id}, *gateway.created);
}

class GatewaysCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListGateways(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Gateway>& gateways = answer.value();
    std::vector<std::string_view> unsettled;
    for (const api::Gateway& gateway : gateways) {
      AddGateway(run, gateway, out);
      if (IsUnsettled(gateway.state)) unsettled.push_back(gateway.id);
    }
    out.Add(kGateways, {}, gateways.size());
    AddOperations(run, "gateway", unsettled, out);
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeGatewaysCollector() {
  return std::make_unique<GatewaysCollector>();
}

}  // namespace serverspace::collectors
