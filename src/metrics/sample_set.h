#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/money.h"
#include "metrics/desc.h"
#include "metrics/fragment.h"

namespace serverspace::metrics {

/// What one run of a collector found, on its way to becoming a `Fragment`.
/// Samples are rendered as they come, so nothing is kept twice. One thread at a
/// time.
class SampleSet {
 public:
  /// `project` becomes the first label of every sample; an empty one means
  /// there is none (the exporter's own metrics).
  explicit SampleSet(std::string_view project);

  /// One sample. `labels` are as many values as `desc` names; bytes that are no
  /// UTF-8 become U+FFFD.
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           double value);
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           Money value);
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           WallTime value);  // seconds since 1970
  template <std::integral Integer>
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           Integer value) {
    AddInteger(desc, labels, static_cast<std::int64_t>(value));
  }

  /// One 0/1 sample for each of `known`, and one more for `state` if it is not
  /// among them; the state is the last label of `desc`, `labels` are the ones
  /// before it. An empty state (absent in the answer) adds nothing.
  void AddStates(const Desc& desc,
                 std::initializer_list<std::string_view> labels,
                 std::string_view state,
                 std::span<const std::string_view> known);

  /// Makes the family known although it has no sample yet: a fragment says 0 by
  /// a sample and nothing by silence. The samples become a fragment; the set is
  /// empty afterwards.
  Fragment Render() &&;

 private:
  void AddInteger(const Desc& desc,
                  std::initializer_list<std::string_view> labels,
                  std::int64_t value);
};

}  // namespace serverspace::metrics
