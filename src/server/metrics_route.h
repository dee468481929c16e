#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "metrics/page.h"
#include "server/http_message.h"

namespace serverspace::server {

/// What `/metrics` needs to know. All of it outlives the route.
struct MetricsSource {
  std::function<std::shared_ptr<const metrics::Page>()> page;
  // Asked for a filtered page only, each time anew.
  std::function<std::set<std::string>()> projects;
  std::function<std::set<std::string>()> collectors;
};

/// Answers `GET /metrics`: the last published page as it stands in memory, in
/// the format and encoding asked for. With `collect[]` or `project` in the
/// query a part of it, made anew: not for an event loop, see IsFiltered.
Response AnswerMetrics(const MetricsSource& source, const Request& request);

/// Whether the request wants a part of the page.
bool IsFiltered(const Request& request);

}  // namespace serverspace::server
