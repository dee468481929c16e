#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/plain_get.h"

namespace serverspace::app {

/// Where an exporter that listens on these addresses is asked from the same
/// machine: at the first of them, by loopback where it stands for all.
Result<http::PlainUrl> HealthUrl(
    const std::vector<std::string>& listen_addresses);

/// Asks the exporter at `url`, at most 5 s. The status is 0 if it is healthy.
Report Healthcheck(const http::PlainUrl& url, const Clock& clock);

}  // namespace serverspace::app
