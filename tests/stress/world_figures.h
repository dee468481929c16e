#pragma once

#include <map>
#include <string>

#include "simulator/simulator.h"

namespace serverspace::stress {

/// What a page must say of a project of the simulator's, by the series without
/// `serverspace_`, as it stands there now.
std::map<std::string, double> FiguresOf(sim::Simulator& api,
                                        std::size_t project);

}  // namespace serverspace::stress
