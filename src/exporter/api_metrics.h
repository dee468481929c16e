#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "api/observer.h"
#include "metrics/desc.h"
#include "metrics/self_metrics.h"

namespace serverspace::exporter {

/// Counts what the API clients do. Threads may share it.
class ApiMetrics final : public api::Observer {
 public:
  using FieldCounts = std::map<std::string, std::uint64_t, std::less<>>;

  /// `registry` outlives it.
  explicit ApiMetrics(metrics::SelfMetrics& registry);

  static std::span<const metrics::Desc* const> Describe();

  /// Makes the series that begin at 0, so that the first event already shows as
  /// an increase.
  void AddProject(std::string_view project);
  void AddHost(std::string_view host);
  /// Takes away all series about it.
  void RemoveProject(std::string_view project);
  void RemoveHost(std::string_view host);

  /// What was counted so far, by field.
  FieldCounts unknown_values() const;
  FieldCounts bad_items() const;

  void OnAttempt(std::string_view route, std::string_view code,
                 Duration took) override;
  void OnRetry() override;
  void OnLimiterWait(std::string_view project, Duration waited) override;
  void OnClockOffset(std::string_view host, Duration offset) override;
  void OnCircuit(std::string_view host, bool open) override;
  void OnUnknownValue(std::string_view field) override;
  void OnBadItem(std::string_view field) override;

 private:
  metrics::SelfMetrics& registry_;
  metrics::Counter retries_;
  mutable std::mutex mutex_;  // guards the counts below
  FieldCounts unknown_values_;
  FieldCounts bad_items_;
};

}  // namespace serverspace::exporter
