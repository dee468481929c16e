#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "exporter/exporter.h"
#include "http/httplib_transport.h"

namespace serverspace::app {

/// The collector table as the configuration loader wants it.
std::vector<config::CollectorDefaults> CollectorDefaults();

/// Of the projects that are configured.
std::set<std::string, std::less<>> ProjectNames(const config::Config& config);

/// How the API is reached.
http::HttplibTransport::Options MakeTransportOptions(
    const config::Config& config);

/// The exporter that a configuration describes.
exporter::ExporterOptions MakeExporterOptions(const config::Config& config);

}  // namespace serverspace::app
