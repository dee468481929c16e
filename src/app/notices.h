#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "exporter/state_stats.h"
#include "server/project_health.h"

namespace serverspace::app {

/// What the page for people says of the exporter itself: a reload that was
/// refused then, a web configuration that was, and a state that cannot be
/// written though it should (`keeps_state`).
std::vector<server::Trouble> MakeNotices(std::optional<WallTime> reload_refused,
                                         std::optional<WallTime> web_refused,
                                         bool keeps_state,
                                         const exporter::StateStats& state,
                                         WallTime now);

}  // namespace serverspace::app
