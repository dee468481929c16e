#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/family_text.h"

namespace serverspace::metrics {

/// What one collector of one project says, ready for a page: the lines of each
/// family that has any. Immutable and cheap to copy (the texts are shared);
/// threads may share one. The texts are shared one by one so that a store can
/// keep the old one where nothing changed.
class Fragment {
 public:
  using Families = std::vector<std::shared_ptr<const FamilyText>>;

  Fragment() = default;
  /// One text per family at most; empty ones are left out.
  explicit Fragment(Families families, std::size_t dropped_duplicates = 0);

  /// Sorted by name.
  std::span<const std::shared_ptr<const FamilyText>> families() const& {
    return families_;
  }
  void families() const&& = delete;  // would refer to what is gone
  std::size_t series() const { return series_; }
  std::size_t size_bytes() const { return size_bytes_; }
  bool empty() const { return families_.empty(); }
  /// Samples left out because their series was there already, for
  /// `serverspace_collector_dropped_series_total`.
  std::size_t dropped_duplicates() const { return dropped_duplicates_; }

  /// All lines, families by name, without heads. A copy, for tests and small
  /// fragments.
  std::string ToString() const;

  /// Same families with the same bytes.
  friend bool operator==(const Fragment& a, const Fragment& b);

 private:
  Families families_;
  std::size_t series_ = 0;
  std::size_t size_bytes_ = 0;
  std::size_t dropped_duplicates_ = 0;
};

/// For families whose lines come ready-made, histograms among them. Who gives
/// the lines answers for their form.
class FragmentBuilder {
 public:
  /// Complete lines of the family; may be called again for the same one.
  void AddLines(const Desc& desc, std::string_view lines);
  Fragment Build() &&;

 private:
  std::vector<FamilyTextBuilder> families_;
};

}  // namespace serverspace::metrics
