#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "exporter/exporter.h"
#include "metrics/desc.h"
#include "server/http_router.h"
#include "server/listener_stats.h"
#include "server/project_health.h"
#include "server/tasks_route.h"

namespace serverspace::server {

/// Reloads the configuration; the error's text is for the operator, with one
/// reason a line. Called from one thread at a time, which may wait for it.
using ReloadHandler = std::function<Result<void>()>;

/// What is wrong with the exporter beside its projects, for the page for
/// people.
using Notices = std::function<std::vector<Trouble>()>;

/// Everything that the exporter answers to. `exporter` outlives the routes.
/// Without `reload`, reloading over HTTP is refused.
std::vector<Route> MakeRoutes(const exporter::Exporter& exporter,
                              std::string version, ReloadHandler reload = {},
                              Notices notices = {});

/// Of an exporter, which outlives it.
TasksSource MakeTasksSource(exporter::Exporter& exporter);

/// Every family that AddListenerStats may add.
std::span<const metrics::Desc* const> ListenerDescs();
void AddListenerStats(const ListenerStats& stats, metrics::SampleSet& out);

}  // namespace serverspace::server
