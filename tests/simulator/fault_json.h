#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "simulator/fault.h"

namespace serverspace::sim {

/// Reads a fault as README.md describes it. Nothing, and a reason, if a member
/// is unknown or of the wrong type.
std::optional<Fault> ParseFault(const nlohmann::json& json,
                                std::string& reason);
nlohmann::json FaultToJson(const Fault& fault);

}  // namespace serverspace::sim
