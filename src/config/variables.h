#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "config/problem.h"

namespace serverspace::config {

/// A warning for each variable that is named like one of ours and is none, as a
/// mistyped one would do nothing in silence. Those that Kubernetes sets for a
/// service of such a name are left alone.
std::vector<Problem> UnknownVariables(const Environment& environment,
                                      std::span<const std::string> collectors);

}  // namespace serverspace::config
