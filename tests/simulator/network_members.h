#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/model.h"

namespace serverspace::sim {

/// The ids of what is connected to a network, in order.
std::vector<std::string> ServersOf(const Project& project,
                                   std::string_view network_id);
std::vector<std::string> GatewaysOf(const Project& project,
                                    std::string_view network_id);

}  // namespace serverspace::sim
