#pragma once

#include <span>
#include <string>
#include <vector>

#include "exporter/exporter.h"
#include "metrics/desc.h"
#include "server/http_router.h"
#include "server/listener_stats.h"

namespace serverspace::server {

/// Everything that the exporter answers to. `exporter` outlives the routes.
std::vector<Route> MakeRoutes(const exporter::Exporter& exporter,
                              std::string version);

/// Every family that AddListenerStats may add.
std::span<const metrics::Desc* const> ListenerDescs();
void AddListenerStats(const ListenerStats& stats, metrics::SampleSet& out);

}  // namespace serverspace::server
