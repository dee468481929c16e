#pragma once

#include <cstdlib>
#include <string>

#include "base/environment.h"

namespace serverspace::stress {

/// The number that scripts/soak.sh asks for in a variable, or what is right for
/// every day.
inline double Wanted(const std::string& variable, double otherwise) {
  const auto text = SystemEnvironment().Get(variable);
  return text ? std::strtod(text->c_str(), nullptr) : otherwise;
}

}  // namespace serverspace::stress
