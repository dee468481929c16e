#include "exporter/collector_state.h"

namespace serverspace::exporter {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kSuccess = {
    "serverspace_collector_success",
    Type::kGauge,
    "1 if the last run of the collector succeeded, else 0.",
    {"collector"}};
constexpr Desc kSupported = {
    "serverspace_collector_supported",
    Type::kGauge,
    "0 if the project does not have what the collector reads, else 1.",
    {"collector"}};
constexpr Desc kDuration = {"serverspace_collector_duration_seconds",
                            Type::kGauge,
                            "How long the last run of the collector took.",
                            {"collector"}};
constexpr Desc kLastSuccess = {
    "serverspace_collector_last_success_timestamp_seconds",
    Type::kGauge,
    "When the collector last succeeded, as seconds since 1970.",
    {"collector"}};
constexpr Desc kLastAttempt = {
    "serverspace_collector_last_attempt_timestamp_seconds",
    Type::kGauge,
    "When the collector last ran, as seconds since 1970.",
    {"collector"}};
constexpr Desc kInterval = {"serverspace_collector_interval_seconds",
                            Type::kGauge,
                            "Time between two runs of the collector.",
                            {"collector"}};
constexpr Desc kSeries = {"serverspace_collector_series",
                          Type::kGauge,
                          "Series of the collector that are served now.",
                          {"collector"}};
constexpr Desc kDropped = {"serverspace_collector_dropped_series_total",
                           Type::kCounter,
                           "Series that were left out of the page, by reason.",
                           {"collector", "reason"}};
constexpr Desc kErrors = {"serverspace_collector_errors_total",
                          Type::kCounter,
                          "Runs of the collector that failed, by reason.",
                          {"collector", "reason"}};

constexpr Desc kSkipped = {
    "serverspace_collector_skipped_runs_total",
    Type::kCounter,
    "Runs of the collector that were not begun, because the rate limit would "
    "not have let them end in time: the interval is too short.",
    {"collector"}};

constexpr const Desc* kDescs[] = {
    &kSuccess,  &kSupported, &kDuration, &kLastSuccess, &kLastAttempt,
    &kInterval, &kSeries,    &kDropped,  &kErrors,      &kSkipped};

}  // namespace

std::span<const Desc* const> CollectorStateDescs() { return kDescs; }

void AddCollectorState(std::string_view collector, const CollectorState& state,
                       metrics::SampleSet& out) {
  if (state.success) {
    out.Add(kSuccess, {collector}, *state.success);
    out.Add(kSupported, {collector}, state.supported);
    out.Add(kDuration, {collector}, Seconds(state.last_duration));
  }
  if (state.last_success)
    out.Add(kLastSuccess, {collector}, *state.last_success);
  if (state.last_attempt)
    out.Add(kLastAttempt, {collector}, *state.last_attempt);
  out.Add(kInterval, {collector}, Seconds(state.interval));
  out.Add(kSeries, {collector}, state.series);
  out.Add(kDropped, {collector, "duplicate"}, state.dropped_duplicates);
  if (!state.supported) return;
  for (int code = 0; code < kReasonCount; ++code) {
    out.Add(kErrors, {collector, ReasonName(static_cast<ErrorCode>(code))},
            state.errors[static_cast<std::size_t>(code)]);
  }
  if (state.skipped_runs) out.Add(kSkipped, {collector}, *state.skipped_runs);
}

}  // namespace serverspace::exporter
