#include "app/plan.h"

#include <algorithm>
#include <chrono>

#include "collectors/call_budget.h"
#include "collectors/registry.h"
#include "exporter/collector_state.h"
#include "metrics/sample_set.h"

namespace serverspace::app {
namespace {

constexpr std::size_t kAssumedDomains = 1;
/// Of each kind of thing beside servers.
constexpr std::size_t kAssumedThings = 2;
/// Most things that the API knows have four states.
constexpr std::size_t kAssumedStates = 4;
/// Each route has a histogram of ten buckets and a counter of its answers; the
/// rest is about the process and the listener.
constexpr std::size_t kSeriesOfRoute = 13;
constexpr std::size_t kOwnSeries = 40;
constexpr std::string_view kServerPrefix = "serverspace_server_";
constexpr double kSecondsAMinute = 60;

/// A collector that is on.
struct Part {
  std::string_view name;
  Duration interval;
  collectors::Calls calls;
  std::size_t fixed_series;
  std::size_t series_per_server;
};

/// How the collector itself fares is told by this many.
std::size_t SelfSeries(std::string_view name) {
  exporter::CollectorState state;
  state.success = true;
  state.last_attempt = state.last_success = WallTime();
  metrics::SampleSet samples("");
  exporter::AddCollectorState(name, state, samples);
  return samples.size();
}

Part MakePart(const collectors::CollectorRow& row, Duration interval) {
  Part part{.name = row.name,
            .interval = interval,
            .calls = row.calls,
            .fixed_series = SelfSeries(row.name),
            .series_per_server = 0};
  for (const metrics::Desc* desc : row.make()->Describe()) {
    const auto labels = desc->labels.Get();
    const bool is_state = !labels.empty() && labels.back() == "state";
    const bool per_server = desc->name.starts_with(kServerPrefix);
    const bool of_the_project =
        labels.empty() || row.presence == collectors::Presence::kCore;
    const std::size_t things =
        per_server || of_the_project ? 1 : kAssumedThings;
    (per_server ? part.series_per_server : part.fixed_series) +=
        things * (is_state ? kAssumedStates : 1);
  }
  return part;
}

std::size_t CallsOfRun(const Part& part, std::size_t servers) {
  return static_cast<std::size_t>(part.calls.fixed) +
         static_cast<std::size_t>(part.calls.per_server) * servers +
         static_cast<std::size_t>(part.calls.per_domain) * kAssumedDomains;
}

}  // namespace

std::string CallsText(const collectors::Calls& calls) {
  std::string text;
  const auto add = [&](int count, std::string_view per) {
    if (count == 0) return;
    if (!text.empty()) text += " + ";
    text += std::to_string(count);
    text += per;
  };
  add(calls.fixed, "");
  add(calls.per_server, " per server");
  add(calls.per_domain, " per domain");
  return text;
}

Plan MakePlan(const config::Config& config,
              const std::function<int(const std::string& project)>& servers) {
  std::vector<Part> parts;
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    const config::CollectorSettings& settings =
        config.collectors.at(std::string(row.name));
    if (settings.enabled) parts.push_back(MakePart(row, settings.interval));
  }

  Plan plan;
  plan.own_series = kOwnSeries;
  for (const Part& part : parts) {
    plan.own_series +=
        kSeriesOfRoute *
        static_cast<std::size_t>(part.calls.fixed + part.calls.per_server +
                                 part.calls.per_domain);
  }
  plan.series = plan.own_series;
  for (const config::ProjectSettings& settings : config.projects) {
    ProjectPlan project{.project = settings.name,
                        .host = settings.base_url.Authority(),
                        .servers = servers(settings.name)};
    const auto count = static_cast<std::size_t>(project.servers);
    for (const Part& part : parts) {
      const std::size_t calls = CallsOfRun(part, count);
      project.calls_per_minute +=
          static_cast<double>(calls) * kSecondsAMinute / Seconds(part.interval);
      project.series += part.fixed_series + part.series_per_server * count;
      if (calls > collectors::CallsIn(collectors::RunTime(part.interval),
                                      config.api.max_requests_per_second)) {
        project.too_slow.emplace_back(part.name);
      }
    }
    HostPlan& host = plan.hosts[project.host];
    ++host.projects;
    host.calls_per_minute += project.calls_per_minute;
    plan.calls_per_minute += project.calls_per_minute;
    plan.series += project.series;
    plan.projects.push_back(std::move(project));
  }
  return plan;
}

}  // namespace serverspace::app
