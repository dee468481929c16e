#pragma once

#include <span>

#include "simulator/api_call.h"

// The route tables, one an area. A path without variables stands before one
// that would also match it.

namespace serverspace::sim {

std::span<const Route> AccessRoutes();
std::span<const Route> BackupRoutes();
std::span<const Route> CatalogueRoutes();
std::span<const Route> DomainRoutes();
std::span<const Route> GatewayRoutes();
std::span<const Route> KubernetesRoutes();
std::span<const Route> NetworkRoutes();
std::span<const Route> ProjectRoutes();
std::span<const Route> ServerPartRoutes();
std::span<const Route> ServerRoutes();
std::span<const Route> TagRoutes();
std::span<const Route> TaskRoutes();
std::span<const Route> VmwareNetworkRoutes();
std::span<const Route> VmwareServerRoutes();

}  // namespace serverspace::sim
