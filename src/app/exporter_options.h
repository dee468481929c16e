#pragma once

#include <vector>

#include "config/config.h"
#include "exporter/exporter.h"

namespace serverspace::app {

/// The collector table as the configuration loader wants it.
std::vector<config::CollectorDefaults> CollectorDefaults();

/// The exporter that a configuration describes.
exporter::ExporterOptions MakeExporterOptions(const config::Config& config);

}  // namespace serverspace::app
