#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/status.h"
#include "server/project_health.h"

namespace serverspace::server {

/// The page for people as HTML: per project its money, its servers by state,
/// what is in progress, and how each collector fares. Works without scripts and
/// without anything from outside. Every text from outside is escaped. `notices`
/// are about the exporter itself.
std::string RenderLandingPage(const exporter::Status& status,
                              std::string_view version,
                              const std::vector<Trouble>& notices = {});

}  // namespace serverspace::server
