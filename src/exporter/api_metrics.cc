#include "exporter/api_metrics.h"

namespace serverspace::exporter {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kRequests = {"serverspace_api_requests_total",
                            Type::kCounter,
                            "Attempts to read from the API, by route and "
                            "status, or reason where there was no answer.",
                            {"route", "code"}};
constexpr Desc kDuration = {"serverspace_api_request_duration_seconds",
                            Type::kHistogram,
                            "How long one attempt to read from the API took.",
                            {"route"}};
constexpr Desc kRetries = {"serverspace_api_request_retries_total",
                           Type::kCounter,
                           "Attempts that repeated a failed one.",
                           {}};
constexpr Desc kLimiterWait = {
    "serverspace_api_limiter_wait_seconds_total",
    Type::kCounter,
    "Time that requests waited for their turn under the project's rate limit.",
    {"project"}};
constexpr Desc kCircuitOpen = {"serverspace_api_circuit_open",
                               Type::kGauge,
                               "1 while requests to the host fail at once "
                               "because it cannot be reached, else 0.",
                               {"host"}};
constexpr Desc kClockOffset = {"serverspace_api_clock_offset_seconds",
                               Type::kGauge,
                               "Clock of the API host minus clock of the "
                               "exporter, good to about a second.",
                               {"host"}};
constexpr Desc kUnknownValues = {
    "serverspace_api_unknown_values_total",
    Type::kCounter,
    "Words in answers that this version does not know, by field.",
    {"field"}};
constexpr Desc kBadItems = {"serverspace_api_bad_items_total",
                            Type::kCounter,
                            "Items or members in answers that could not be "
                            "read and were left out, by field.",
                            {"field"}};

constexpr const Desc* kDescs[] = {&kRequests,      &kDuration,    &kRetries,
                                  &kLimiterWait,   &kCircuitOpen, &kClockOffset,
                                  &kUnknownValues, &kBadItems};

// From a quick answer nearby to the attempt timeout.
constexpr double kDurationBounds[] = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20};

}  // namespace

ApiMetrics::ApiMetrics(metrics::SelfMetrics& registry)
    : registry_(registry), retries_(registry.GetCounter(kRetries, {})) {}

std::span<const Desc* const> ApiMetrics::Describe() { return kDescs; }

void ApiMetrics::AddProject(std::string_view project) {
  registry_.GetCounter(kLimiterWait, {project});
}

void ApiMetrics::AddHost(std::string_view host) {
  registry_.GetGauge(kCircuitOpen, {host});
}

void ApiMetrics::RemoveProject(std::string_view project) {
  registry_.RemoveProject(project);
}

void ApiMetrics::RemoveHost(std::string_view host) {
  registry_.Remove(kCircuitOpen, {host});
  registry_.Remove(kClockOffset, {host});
}

ApiMetrics::FieldCounts ApiMetrics::unknown_values() const {
  std::lock_guard lock(mutex_);
  return unknown_values_;
}

ApiMetrics::FieldCounts ApiMetrics::bad_items() const {
  std::lock_guard lock(mutex_);
  return bad_items_;
}

void ApiMetrics::OnAttempt(std::string_view route, std::string_view code,
                           Duration took) {
  registry_.GetCounter(kRequests, {route, code}).Increment();
  registry_.GetHistogram(kDuration, {route}, kDurationBounds)
      .Observe(Seconds(took));
}

void ApiMetrics::OnRetry() { retries_.Increment(); }

void ApiMetrics::OnLimiterWait(std::string_view project, Duration waited) {
  registry_.GetCounter(kLimiterWait, {project}).Increment(Seconds(waited));
}

void ApiMetrics::OnClockOffset(std::string_view host, Duration offset) {
  registry_.GetGauge(kClockOffset, {host}).Set(Seconds(offset));
}

void ApiMetrics::OnCircuit(std::string_view host, bool open) {
  registry_.GetGauge(kCircuitOpen, {host}).Set(open ? 1 : 0);
}

void ApiMetrics::OnUnknownValue(std::string_view field) {
  registry_.GetCounter(kUnknownValues, {field}).Increment();
  std::lock_guard lock(mutex_);
  ++unknown_values_[std::string(field)];
}

void ApiMetrics::OnBadItem(std::string_view field) {
  registry_.GetCounter(kBadItems, {field}).Increment();
  std::lock_guard lock(mutex_);
  ++bad_items_[std::string(field)];
}

}  // namespace serverspace::exporter
