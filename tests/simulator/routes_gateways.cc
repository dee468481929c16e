#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/addresses.h"
#include "simulator/catalogue.h"
#include "simulator/location.h"
#include "simulator/operation.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

// Gateways (API reference 2.9).

namespace serverspace::sim {
namespace {

using nlohmann::json;

TaskEngine::Plan Plan(std::string type, const Gateway& gateway) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.resources = {{"gateway", gateway.id}};
  plan.min_seconds = 20;
  plan.max_seconds = 25;
  plan.settle_seconds = 8;
  return plan;
}

Gateway* FindGateway(ApiCall& call) {
  const auto found = call.project.gateways.find(call.ids[0]);
  return found == call.project.gateways.end() ? nullptr : &found->second;
}

void RenderGateway(JsonWriter& out, const Gateway& gateway,
                   Generation generation) {
  out.BeginObject()
      .Field("id", gateway.id)
      .Field("location_id", gateway.location_id)
      .Field("name", gateway.name);
  out.Key("nics").BeginArray();
  std::vector<std::string> isolated;
  for (const GatewayNic& nic : gateway.nics) {
    out.BeginObject().Field("id", nic.id).Field("network_id", nic.network_id);
    out.Field("ip_address", nic.ip_address)
        .Field("bandwidth_mbps", nic.bandwidth_mbps)
        .EndObject();
    if (nic.bandwidth_mbps == 0) isolated.push_back(nic.network_id);
  }
  out.EndArray();
  if (generation == Generation::kG1) out.ArrayField("network_ids", isolated);
  out.RawField("nat_rules", gateway.nat_rules)
      .RawField("firewall_rules", gateway.firewall_rules);
  out.Field("state", gateway.state);
  if (generation == Generation::kG2) {
    out.Field("powered_on", gateway.powered_on)
        .Field("created", FormatTime(gateway.created));
    out.ArrayField("tags", gateway.tags);
  }
  out.EndObject();
}

Reply GatewayReply(const ApiCall& call, const Gateway& gateway) {
  return Reply::Json(Wrapped("gateway", [&](JsonWriter& out) {
    RenderGateway(out, gateway, call.project.generation);
  }));
}

Reply ListGateways(ApiCall& call) {
  const std::string* location = call.Query("location_id");
  return Reply::Json(Wrapped("gateways", [&](JsonWriter& out) {
    out.BeginArray();
    for (const auto& [id, gateway] : call.project.gateways) {
      if (location == nullptr || *location == gateway.location_id) {
        RenderGateway(out, gateway, call.project.generation);
      }
    }
    out.EndArray();
  }));
}

Reply GetGateway(ApiCall& call) {
  const Gateway* gateway = FindGateway(call);
  return gateway == nullptr ? NotFound() : GatewayReply(call, *gateway);
}

template <auto Rules>
Reply GetRules(ApiCall& call, std::string_view wrapper) {
  const Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  return Reply::Json(
      Wrapped(wrapper, [&](JsonWriter& out) { out.Raw(gateway->*Rules); }));
}

template <auto Rules>
Reply SetRules(ApiCall& call, const char* wrapper, const char* type) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  const json rules =
      call.body.is_object() ? call.body.value(wrapper, json()) : call.body;
  if (!rules.is_array()) return BadBody();
  return StartChange<&Project::gateways>(
      call, *gateway, Plan(type, *gateway),
      [text = rules.dump()](Gateway& changed, Task&) {
        changed.*Rules = text;
      });
}

Reply GetNat(ApiCall& call) {
  return GetRules<&Gateway::nat_rules>(call, "nat_rules");
}
Reply GetFirewall(ApiCall& call) {
  return GetRules<&Gateway::firewall_rules>(call, "firewall_rules");
}
Reply SetNat(ApiCall& call) {
  return SetRules<&Gateway::nat_rules>(call, "nat_rules", "UpdateNat");
}
Reply SetFirewall(ApiCall& call) {
  return SetRules<&Gateway::firewall_rules>(call, "firewall_rules",
                                            "UpdateFirewall");
}

bool BandwidthIsFine(std::int64_t mbps) {
  return mbps >= kBandwidthMinMbps && mbps <= kBandwidthMaxMbps &&
         mbps % 10 == 0;
}

GatewayNic IsolatedNic(ApiCall& call, const std::string& network_id) {
  const std::int64_t id = call.world.NextNumber("gateway_nic");
  return {.id = id,
          .network_id = network_id,
          .ip_address = PrivateAddress(id),
          .bandwidth_mbps = 0};
}

Reply CreateGateway(ApiCall& call) {
  const auto location = Text(call.body, "location_id");
  const auto name = Text(call.body, "name");
  const std::int64_t bandwidth =
      Integer(call.body, "bandwidth_mbps").value_or(0);
  if (!location || !name || name->empty()) return BadBody();
  const json networks = call.body.value("network_ids", json::array());
  if (FindLocation(*location) == nullptr)
    return Invalid("Location does not exist");
  if (!BandwidthIsFine(bandwidth))
    return Invalid("Bandwidth is outside the limits", -12041);
  if (!networks.is_array() || networks.empty() || networks.size() > 3)
    return Invalid("One to three networks are needed");
  Gateway gateway;
  gateway.id = call.world.NextId(*location, 'e');
  gateway.location_id = *location;
  gateway.name = *name;
  gateway.state = kNew;
  gateway.powered_on = false;
  gateway.created = call.world.now();
  const std::int64_t uplink = call.world.NextNumber("gateway_nic");
  gateway.nics.push_back({.id = uplink,
                          .network_id = SharedNetworkId(*location),
                          .ip_address = PublicAddress(uplink),
                          .bandwidth_mbps = bandwidth});
  for (const json& network : networks) {
    const std::string id =
        network.is_string() ? network.get<std::string>() : "";
    if (call.project.networks.count(id) == 0)
      return Invalid("Network does not exist");
    gateway.nics.push_back(IsolatedNic(call, id));
  }
  const Gateway& placed =
      call.project.gateways.emplace(gateway.id, gateway).first->second;
  return StartCreation<&Project::gateways>(
      call, placed, Plan("CreateGateway", placed),
      [](Gateway& made, Task&) { made.powered_on = true; });
}

Reply RenameGateway(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  if (!name || name->empty()) return BadBody();
  if (IsUnsettled(gateway->state)) return Conflict();
  gateway->name = *name;
  call.world.Changed(call.project);
  return GatewayReply(call, *gateway);
}

Reply SetBandwidth(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  const auto bandwidth = Integer(call.body, "bandwidth_mbps");
  if (!bandwidth) return BadBody();
  if (!BandwidthIsFine(*bandwidth))
    return Invalid("Bandwidth is outside the limits", -12041);
  return StartChange<&Project::gateways>(
      call, *gateway, Plan("UpdateGateway", *gateway),
      [mbps = *bandwidth](Gateway& changed, Task&) {
        if (!changed.nics.empty()) changed.nics.front().bandwidth_mbps = mbps;
      });
}

template <bool kOn>
Reply PowerGateway(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  return StartChange<&Project::gateways>(
      call, *gateway, Plan("PowerGateway", *gateway),
      [](Gateway& changed, Task&) { changed.powered_on = kOn; });
}

Reply CreateGatewayNic(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return NotFound();
  const auto network = Text(call.body, "network_id");
  if (!network) return BadBody();
  if (call.project.networks.count(*network) == 0)
    return Invalid("Network does not exist");
  return StartChange<&Project::gateways>(
      call, *gateway, Plan("CreateGatewayNic", *gateway),
      [nic = IsolatedNic(call, *network)](Gateway& changed, Task&) {
        changed.nics.push_back(nic);
      });
}

// Something that is already gone is a 500 here, not a 404 (API reference 4.1).
Reply AlreadyGone() { return ErrorReply(500, -1006, "Internal error"); }

Reply DeleteGateway(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  if (gateway == nullptr) return AlreadyGone();
  return StartDeletion<&Project::gateways>(call, *gateway,
                                           Plan("DeleteGateway", *gateway));
}

Reply DeleteGatewayNic(ApiCall& call) {
  Gateway* gateway = FindGateway(call);
  const std::int64_t id = call.number(1);
  if (gateway == nullptr || FindPart(gateway->nics, id) == gateway->nics.end())
    return AlreadyGone();
  const Reply started = StartChange<&Project::gateways>(
      call, *gateway, Plan("DeleteGatewayNic", *gateway),
      [id](Gateway& changed, Task&) {
        std::erase_if(changed.nics,
                      [id](const GatewayNic& nic) { return nic.id == id; });
      });
  return started.status != 200 || call.wants_task() ? started : Reply::Empty();
}

constexpr Route kRoutes[] = {
    {"GET", "/gateways", ListGateways, "gateways"},
    {"POST", "/gateways", CreateGateway, "task_id"},
    {"GET", "/gateways/{id}", GetGateway, "gateway"},
    {"PUT", "/gateways/{id}", RenameGateway, "gateway"},
    {"DELETE", "/gateways/{id}", DeleteGateway, "task_id"},
    {"PUT", "/gateways/{id}/bandwidth", SetBandwidth, "task_id"},
    {"GET", "/gateways/{id}/nat", GetNat, "nat_rules"},
    {"PUT", "/gateways/{id}/nat", SetNat, "task_id"},
    {"GET", "/gateways/{id}/firewall", GetFirewall, "firewall_rules"},
    {"PUT", "/gateways/{id}/firewall", SetFirewall, "task_id"},
    {"POST", "/gateways/{id}/start", PowerGateway<true>, "task_id"},
    {"POST", "/gateways/{id}/stop", PowerGateway<false>, "task_id"},
    {"POST", "/gateways/{id}/restart", PowerGateway<true>, "task_id"},
    {"POST", "/gateways/{id}/nics", CreateGatewayNic, "task_id"},
    {"DELETE", "/gateways/{id}/nics/{nic_id}", DeleteGatewayNic, "task_id"},
};

}  // namespace

std::span<const Route> GatewayRoutes() { return kRoutes; }

}  // namespace serverspace::sim
