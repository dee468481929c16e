#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "config/problem.h"
#include "http/status_get.h"

namespace serverspace::app {

/// How a running exporter is asked.
struct HealthTarget {
  http::PageUrl url;
  std::string authorization = {};  ///< The header; empty for none.
  /// Whether it answers only to those who have a certificate, as nobody does
  /// who only checks its health.
  bool demands_certificate = false;
};

/// The exporter that was started with these settings, asked from the same
/// machine: at `url`, else at the first address where it listens, by loopback
/// where that stands for all; as its web configuration says, which is read for
/// it.
Result<HealthTarget, std::vector<config::Problem>> FindHealthTarget(
    const std::optional<std::string>& url, const config::WebSettings& web);

/// Asks the exporter, at most 5 s. The status is 0 if it is healthy.
Report Healthcheck(const HealthTarget& target, const Clock& clock);

}  // namespace serverspace::app
