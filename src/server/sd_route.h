#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/clock.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"
#include "server/http_message.h"
#include "server/http_router.h"
#include "server/sd_cache.h"
#include "server/sd_targets.h"

namespace serverspace::server {

/// The targets as Prometheus' http_sd_configs and file_sd_configs want them:
/// a JSON list with one group a server, a line each.
std::string RenderTargets(const SdSelection& selection);

/// `GET /sd`: the servers of the last good lists as targets for Prometheus.
/// Prometheus keeps its targets on any status but 200, so nothing is said that
/// is not known. Threads may share one.
class SdRoute {
 public:
  /// Answers what is known now.
  using Source = std::function<ServerListsOfAll()>;

  static std::span<const metrics::Desc* const> Describe();

  /// `clock` outlives it.
  SdRoute(Source source, const Clock& clock);

  Response Answer(const Request& request);
  /// From now on metrics tell of these projects alone, whatever was answered
  /// of others before.
  void SetProjects(std::set<std::string, std::less<>> names);
  void AddMetrics(metrics::SampleSet& out);

  /// As a listener wants it; it must not outlive this. Many servers take their
  /// time, so no request is answered on the event loop.
  Route MakeRoute();

 private:
  static constexpr std::array<int, 4> kStatuses = {200, 304, 400, 503};

  Response Decide(const Request& request);

  const Source source_;
  SdCache cache_;
  std::array<std::atomic<std::uint64_t>, kStatuses.size()> answers_{};
  std::mutex mutex_;  // guards projects_
  std::optional<std::set<std::string, std::less<>>> projects_;  // nothing: all
};

}  // namespace serverspace::server
