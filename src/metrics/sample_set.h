#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "metrics/desc.h"
#include "metrics/family_text.h"
#include "metrics/fragment.h"

namespace serverspace::metrics {

/// What one run of a collector found, on its way to becoming a `Fragment`.
/// Samples become exposition lines as they come, so nothing is kept twice. One
/// thread at a time. A number of labels that does not fit the descriptor, or a
/// histogram, is a programming error (`std::logic_error`).
class SampleSet {
 public:
  /// `project` becomes the first label of every sample; an empty one means
  /// there is none (the exporter's own metrics).
  explicit SampleSet(std::string_view project);

  /// One sample. `desc` must outlive every page that shows it (a constant
  /// does). `labels` are as many values as `desc` names; bytes that are no
  /// UTF-8 become U+FFFD.
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           double value);
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           Money value);
  /// Seconds since 1970.
  void Add(const Desc& desc, std::initializer_list<std::string_view> labels,
           WallTime value);
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

  /// Samples so far, duplicates included.
  std::size_t size() const;

  /// The samples become a fragment; of equal series the first stays, the others
  /// are counted. A family without samples is not there: a fragment says 0 by a
  /// sample and nothing by silence.
  Fragment Render() &&;

 private:
  struct Family {
    Family(const Desc& desc, std::string_view project_label);

    FamilyTextBuilder text;
    // What stands before each label value, and before the sample's value.
    std::vector<std::string> before;
    std::string before_value;
  };

  Family& Find(const Desc& desc);
  /// The line with all but its value.
  static std::string& StartLine(Family& family,
                                std::span<const std::string_view> labels);
  template <typename Value>
  void AddValue(const Desc& desc, std::span<const std::string_view> labels,
                Value value);
  void AddInteger(const Desc& desc,
                  std::initializer_list<std::string_view> labels,
                  std::int64_t value);

  std::string project_label_;  // project="...", escaped once
  std::vector<Family> families_;
  std::size_t last_ = 0;  // collectors tend to add families in turn
};

}  // namespace serverspace::metrics
