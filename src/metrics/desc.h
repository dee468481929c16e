#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace serverspace::metrics {

enum class Type {
  kGauge,
  kCounter,  ///< The name ends in `_total`; OpenMetrics names the family
             ///< without it.
  kInfo,     ///< The name ends in `_info`, the value is 1; a gauge in the text
             ///< format.
  kHistogram,  ///< Samples carry `_bucket`, `_sum` and `_count`.
};

/// The label names of a family, in the order in which values are given.
class LabelNames {
 public:
  static constexpr std::size_t kMax = 10;

  constexpr LabelNames(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) names_.at(size_++) = name;
  }
  constexpr std::span<const std::string_view> Get() const {
    return {names_.data(), size_};
  }

 private:
  std::array<std::string_view, kMax> names_{};
  std::size_t size_ = 0;
};

/// What is said of a metric family, once: by its collector, in a constant with
/// static storage, for the exposition and for the generated reference alike.
/// `project` is not among the labels: `SampleSet` adds it.
struct Desc {
  std::string_view name;
  Type type = Type::kGauge;
  std::string_view help;  ///< One plain sentence with a full stop.
  LabelNames labels;
};

}  // namespace serverspace::metrics
