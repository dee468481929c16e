#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "simulator/api_call.h"

// What several server routes share.

namespace serverspace::sim {

/// The server that the path names; null if there is none.
Server* FindServer(ApiCall& call);

/// Where a list has the part with this number, or its end.
template <typename Parts>
auto FindPart(Parts& parts, std::int64_t id) {
  auto part = parts.begin();
  while (part != parts.end() && part->id != id) ++part;
  return part;
}

/// A new NIC as a client asked for it: `network_id` (and `ip_address`) or
/// `bandwidth_mbps`. Has no address yet if none was asked for. Nothing, and a
/// reason, if that cannot be.
std::optional<Nic> MakeNic(ApiCall& call, const nlohmann::json& wish,
                           std::string_view location_id, std::string& reason);
/// Gives a NIC its address.
void AssignAddress(Nic& nic);

}  // namespace serverspace::sim
