#include "metrics/self_metrics.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <variant>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "metrics/exposition.h"
#include "metrics/family_text.h"

namespace serverspace::metrics {
namespace {

using CounterPtr = std::shared_ptr<prometheus::Counter>;
using GaugePtr = std::shared_ptr<prometheus::Gauge>;
using HistogramPtr = std::shared_ptr<prometheus::Histogram>;
using Values = std::vector<std::string>;  // escaped

/// Writes the lines of one series.
class SeriesWriter {
 public:
  SeriesWriter(FamilyTextBuilder& out, const Values& values)
      : out_(out), values_(values) {}

  void operator()(const CounterPtr& counter) { Line("", counter->Value()); }
  void operator()(const GaugePtr& gauge) { Line("", gauge->Value()); }
  void operator()(const HistogramPtr& histogram) {
    const auto state = histogram->Collect().histogram;
    for (const auto& bucket : state.bucket)
      Line("_bucket", static_cast<std::int64_t>(bucket.cumulative_count),
           BoundLabel(bucket.upper_bound));
    Line("_sum", state.sample_sum);
    Line("_count", static_cast<std::int64_t>(state.sample_count));
  }

 private:
  template <typename Value>
  void Line(std::string_view suffix, Value value, std::string_view bound = {}) {
    std::string& line = out_.line();
    line.append(out_.desc().name).append(suffix);
    char separator = '{';
    const auto add_label = [&](std::string_view name, std::string_view text) {
      line += std::exchange(separator, ',');
      line.append(name).append("=\"");
      line += text;
      line += '"';
    };
    const auto names = out_.desc().labels.Get();
    for (std::size_t i = 0; i < names.size(); ++i)
      add_label(names[i], values_[i]);
    if (!bound.empty()) add_label("le", bound);
    if (separator == ',') line += '}';
    line += ' ';
    AppendValue(line, value);
    line += '\n';
    out_.EndLine();
  }

  FamilyTextBuilder& out_;
  const Values& values_;
};

void RequireType(const Desc& desc, std::initializer_list<Type> types) {
  if (std::ranges::find(types, desc.type) == types.end())
    throw std::logic_error("wrong type for " + std::string(desc.name));
}

/// As they will be written: two values that look alike there are one.
Values Escaped(std::initializer_list<std::string_view> labels) {
  Values values;
  values.reserve(labels.size());
  for (const std::string_view label : labels)
    AppendLabelValue(values.emplace_back(), label);
  return values;
}

}  // namespace

Counter::Counter(CounterPtr counter) : counter_(std::move(counter)) {}
void Counter::Increment(double amount) { counter_->Increment(amount); }

Gauge::Gauge(GaugePtr gauge) : gauge_(std::move(gauge)) {}
void Gauge::Set(double value) { gauge_->Set(value); }
void Gauge::Increment(double amount) { gauge_->Increment(amount); }

Histogram::Histogram(HistogramPtr histogram)
    : histogram_(std::move(histogram)) {}
void Histogram::Observe(double value) { histogram_->Observe(value); }

// Not prometheus-cpp's registry and families: they destroy a series while
// somebody may still count in it, and check neither names nor UTF-8.
struct SelfMetrics::Family {
  using Metric = std::variant<CounterPtr, GaugePtr, HistogramPtr>;

  explicit Family(const Desc& family_desc) : desc(family_desc) {
    RequireValid(desc);
  }

  const Desc& desc;
  std::map<Values, Metric> series;
};

SelfMetrics::SelfMetrics() = default;
SelfMetrics::~SelfMetrics() = default;

template <typename Metric, typename... Args>
std::shared_ptr<Metric> SelfMetrics::FindOrMake(const Desc& desc, Labels labels,
                                                Args&&... args) {
  if (labels.size() != desc.labels.Get().size())
    throw std::logic_error("wrong number of labels for " +
                           std::string(desc.name));
  Values values = Escaped(labels);
  const std::lock_guard lock(mutex_);
  auto family = families_.find(desc.name);
  if (family == families_.end())
    family = families_.emplace(desc.name, std::make_unique<Family>(desc)).first;
  auto& series = family->second->series;
  auto found = series.find(values);
  if (found == series.end())
    found = series
                .emplace(std::move(values),
                         std::make_shared<Metric>(std::forward<Args>(args)...))
                .first;
  return std::get<std::shared_ptr<Metric>>(found->second);
}

Counter SelfMetrics::GetCounter(const Desc& desc, Labels labels) {
  RequireType(desc, {Type::kCounter});
  return Counter(FindOrMake<prometheus::Counter>(desc, labels));
}

Gauge SelfMetrics::GetGauge(const Desc& desc, Labels labels) {
  RequireType(desc, {Type::kGauge, Type::kInfo});
  return Gauge(FindOrMake<prometheus::Gauge>(desc, labels));
}

Histogram SelfMetrics::GetHistogram(const Desc& desc, Labels labels,
                                    std::span<const double> bounds) {
  RequireType(desc, {Type::kHistogram});
  return Histogram(FindOrMake<prometheus::Histogram>(
      desc, labels, std::vector<double>(bounds.begin(), bounds.end())));
}

void SelfMetrics::Remove(const Desc& desc, Labels labels) {
  const Values values = Escaped(labels);
  const std::lock_guard lock(mutex_);
  const auto family = families_.find(desc.name);
  if (family != families_.end()) family->second->series.erase(values);
}

void SelfMetrics::RemoveProject(std::string_view project) {
  const std::string value = Escaped({project}).front();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    const auto labels = family->desc.labels.Get();
    const auto label = std::ranges::find(labels, "project");
    if (label == labels.end()) continue;
    const auto index = static_cast<std::size_t>(label - labels.begin());
    std::erase_if(family->series, [&](const auto& series) {
      return series.first[index] == value;
    });
  }
}

Fragment SelfMetrics::Render() const {
  Fragment::Families texts;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    FamilyTextBuilder text(family->desc);
    for (const auto& [values, metric] : family->series)
      std::visit(SeriesWriter(text, values), metric);
    texts.push_back(
        std::make_shared<const FamilyText>(std::move(text).Build()));
  }
  return Fragment(std::move(texts));
}

}  // namespace serverspace::metrics
