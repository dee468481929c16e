#pragma once

#include <span>

#include "simulator/api_call.h"

// The route tables, one an area. A path without variables stands before one
// that would also match it.

namespace serverspace::sim {

std::span<const Route> ProjectRoutes();
std::span<const Route> ServerRoutes();

}  // namespace serverspace::sim
