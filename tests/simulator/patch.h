#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/money.h"
#include "simulator/world.h"

// Changes by the control interface. A member that is unknown or of the wrong
// type throws (std::invalid_argument or a JSON exception), which the control
// interface answers with 400.

namespace serverspace::sim {

/// An exact amount: decimal text, or a number that is short enough to be exact.
Money MoneyFrom(const nlohmann::json& value);

void PatchProjectFrom(World& world, Project& project,
                      const nlohmann::json& changes);
void PatchServerFrom(Server& server, const nlohmann::json& changes);

/// Changes or deletes an object of a collection: servers, networks, gateways,
/// domains, clusters, vmware_servers or vmware_networks. False if there is
/// none.
bool PatchObjectFrom(Project& project, const std::string& collection,
                     const std::string& id, const nlohmann::json& changes);
bool DeleteObject(Project& project, const std::string& collection,
                  const std::string& id);

/// One more server like those a project starts with.
Server& AddSeededServer(World& world, Project& project);

}  // namespace serverspace::sim
