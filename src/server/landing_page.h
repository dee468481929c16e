#pragma once

#include <string>

#include "exporter/status.h"

namespace serverspace::server {

/// The page for people as HTML: per project its money, its servers by state,
/// what is in progress, and how each collector fares. Works without scripts and
/// without anything from outside. Every text from outside is escaped.
std::string RenderLandingPage(const exporter::Status& status,
                              std::string_view version);

}  // namespace serverspace::server
