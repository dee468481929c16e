#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/desc.h"

namespace serverspace::metrics {

/// The sample lines of one metric family from one source, each complete with
/// its newline. Kept in segments of at most 64 KiB (more only where a single
/// line is longer) that end with a line, so that a long text neither grows by
/// doubling nor has to be cut later. Immutable: threads may share one.
class FamilyText {
 public:
  static constexpr std::size_t kMaxSegmentBytes = 64 * 1024;

  const Desc& desc() const { return *desc_; }
  std::span<const std::string> segments() const { return segments_; }
  std::size_t series() const { return series_; }
  std::size_t size_bytes() const { return size_bytes_; }

  /// Same family, same bytes. Exact, and cheaper than hashing both would be.
  friend bool operator==(const FamilyText& a, const FamilyText& b);

 private:
  friend class FamilyTextBuilder;
  FamilyText(const Desc& desc, std::vector<std::string> segments,
             std::size_t series);

  const Desc* desc_;
  std::vector<std::string> segments_;
  std::size_t series_;
  std::size_t size_bytes_;
};

/// Collects lines into segments. The place where a segment ends depends on the
/// lines around it, not on how many came before: one more server at the top
/// leaves the later segments, and their compressed forms, as they were.
class FamilyTextBuilder {
 public:
  /// Throws `std::logic_error` for a descriptor that no page may show.
  explicit FamilyTextBuilder(const Desc& desc);

  const Desc& desc() const { return *desc_; }
  /// Where the next line goes, to be appended there in full (newline included)
  /// and closed by `EndLine()`.
  std::string& line() { return tail_; }
  void EndLine();
  /// Complete lines at once.
  void AddLines(std::string_view lines);

  std::size_t series() const { return series_; }
  bool empty() const { return series_ == 0; }
  FamilyText Build() &&;
  /// The same without the lines whose series came before; their number is added
  /// to `dropped`.
  FamilyText BuildUnique(std::size_t& dropped) &&;

 private:
  void Finish();

  const Desc* desc_;
  std::vector<std::string> segments_;
  std::string tail_;
  std::size_t line_start_ = 0;
  std::size_t series_ = 0;
};

}  // namespace serverspace::metrics
