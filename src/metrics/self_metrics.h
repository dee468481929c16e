#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/desc.h"
#include "metrics/fragment.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace serverspace::metrics {

/// Handles to one series each, to be kept by those who count: cheap to copy,
/// safe to share between threads and still safe (but unseen) after the series
/// was removed.
class Counter {
 public:
  /// Negative amounts are ignored.
  void Increment(double amount = 1);

 private:
  friend class SelfMetrics;
  explicit Counter(std::shared_ptr<prometheus::Counter> counter);
  std::shared_ptr<prometheus::Counter> counter_;
};

class Gauge {
 public:
  void Set(double value);
  void Increment(double amount = 1);

 private:
  friend class SelfMetrics;
  explicit Gauge(std::shared_ptr<prometheus::Gauge> gauge);
  std::shared_ptr<prometheus::Gauge> gauge_;
};

class Histogram {
 public:
  void Observe(double value);

 private:
  friend class SelfMetrics;
  explicit Histogram(std::shared_ptr<prometheus::Histogram> histogram);
  std::shared_ptr<prometheus::Histogram> histogram_;
};

/// The exporter's own metrics, on prometheus-cpp's counters, gauges and
/// histograms. Declared by the same constants as all others, but `project` is
/// an ordinary label here, named in the descriptor where it is wanted. Threads
/// may share one. A descriptor of the wrong type, or labels that do not fit it,
/// is a programming error (`std::logic_error`).
class SelfMetrics {
 public:
  using Labels = std::initializer_list<std::string_view>;

  SelfMetrics();
  ~SelfMetrics();
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;

  /// The series, made at first use with value 0: to show an error counter
  /// before its first error, ask for it at start.
  Counter GetCounter(const Desc& desc, Labels labels);
  /// For gauges and infos.
  Gauge GetGauge(const Desc& desc, Labels labels);
  /// `bounds` rise and count at first use only; +Inf is added.
  Histogram GetHistogram(const Desc& desc, Labels labels,
                         std::span<const double> bounds);

  /// Takes a series away: unknown is absent, not 0.
  void Remove(const Desc& desc, Labels labels);
  /// Takes away every series whose `project` label is this.
  void RemoveProject(std::string_view project);

  /// Families by name, series by label values.
  Fragment Render() const;

 private:
  struct Family;

  template <typename Metric, typename... Args>
  std::shared_ptr<Metric> FindOrMake(const Desc& desc, Labels labels,
                                     Args&&... args);

  mutable std::mutex mutex_;  // guards families_
  std::map<std::string_view, std::unique_ptr<Family>> families_;
};

}  // namespace serverspace::metrics
