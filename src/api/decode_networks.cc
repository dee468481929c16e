#include "api/decode.h"
#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

constexpr Field<Network> kNetworkFields[] = {
    {"id", Id<&Network::id>, kRequired},
    {"name", Text<&Network::name>},
    {"location_id", Id<&Network::location>},
    {"network_prefix", Text<&Network::address>},
    {"mask", Count<&Network::prefix_length>},
    {"tags", Texts<&Network::tags>},
    {"state", Word<&Network::state, kNetworkStates>, kExpected},
    {"server_ids", Length<&Network::servers>},
    {"gateway_ids", Length<&Network::gateways>},
    {"created", Time<&Network::created>, kExpected},
};

constexpr Field<GatewayNic> kGatewayNicFields[] = {
    {"id", Id<&GatewayNic::id>, kRequired},
    {"network_id", Id<&GatewayNic::network_id>},
    {"ip_address", Text<&GatewayNic::ip_address>},
    {"bandwidth_mbps", Megabits<&GatewayNic::bandwidth_bytes_per_second>},
};

constexpr Field<Gateway> kGatewayFields[] = {
    {"id", Id<&Gateway::id>, kRequired},
    {"name", Text<&Gateway::name>},
    {"location_id", Id<&Gateway::location>},
    {"tags", Texts<&Gateway::tags>},
    {"state", Word<&Gateway::state, kGatewayStates>, kExpected},
    {"powered_on", Flag<&Gateway::power_on>},
    {"nics", List<&Gateway::nics, kGatewayNicFields>},
    {"network_ids", Length<&Gateway::networks>},
    {"nat_rules", Length<&Gateway::nat_rules>},
    {"firewall_rules", Length<&Gateway::firewall_rules>},
    {"created", Time<&Gateway::created>},
};

constexpr Field<DomainRecord> kRecordFields[] = {
    {"type", Word<&DomainRecord::type, kRecordTypes>, kRequired},
};

constexpr Field<Domain> kDomainFields[] = {
    {"name", Text<&Domain::name>, kRequired},
    {"is_delegated", Flag<&Domain::delegated>, kExpected},
    {"records", List<&Domain::records, kRecordFields>},
};

}  // namespace

Result<std::vector<Network>> ReadNetworks(Answer answer, Drift& drift) {
  return ReadList<kNetworkFields>(
      std::move(answer),
      {.route = "/networks/isolated", .wrapper = "isolated_networks"}, &drift);
}

Result<std::vector<Gateway>> ReadGateways(Answer answer, Drift& drift) {
  return ReadList<kGatewayFields>(
      std::move(answer), {.route = "/gateways", .wrapper = "gateways"}, &drift);
}

Result<std::vector<Domain>> ReadDomains(Answer answer, Drift& drift) {
  return ReadList<kDomainFields>(
      std::move(answer), {.route = "/domains", .wrapper = "domains"}, &drift);
}

Result<std::vector<DomainRecord>> ReadDomainRecords(Answer answer,
                                                    Drift& drift) {
  return ReadList<kRecordFields>(std::move(answer),
                                 {.route = "/domains/{name}/records",
                                  .wrapper = "records",
                                  .name = "domains.records"},
                                 &drift);
}

}  // namespace serverspace::api
