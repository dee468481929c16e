#pragma once

#include <string>

#include "exporter/exporter.h"

namespace serverspace::app {

/// What this program was built from.
exporter::BuildInfo ThisBuild();

/// The same as one line for people.
std::string VersionText();

}  // namespace serverspace::app
