#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/deflater.h"
#include "metrics/desc.h"
#include "metrics/family_text.h"

namespace serverspace::metrics {

/// Who said something. An empty project is the exporter itself.
struct Source {
  std::string project;
  std::string collector;

  friend auto operator<=>(const Source&, const Source&) = default;
};

/// The `# HELP` and `# TYPE` lines of a family in both formats. Immutable.
struct FamilyHead {
  FamilyHead(const Desc& desc, Deflater& deflater);

  std::string text;
  std::string open_metrics;
  Deflated text_deflated;
  Deflated open_metrics_deflated;
};

/// Neighbouring sources of one family and the compressed form of their lines:
/// the unit in which a page changes. Refers to the texts of its sources and
/// keeps them; the compressed blocks may come from the run that it replaces.
/// Immutable: pages share it.
class FamilyRun {
 public:
  struct Member {
    std::shared_ptr<const Source> source;
    std::shared_ptr<const FamilyText> text;
  };
  struct Block {
    std::vector<std::string_view> text;
    std::shared_ptr<const Deflated> deflated;
  };

  /// `members` in order of their sources. Blocks of `previous` (may be null)
  /// with the same bytes are taken over, the others compressed.
  FamilyRun(std::vector<Member> members, const FamilyRun* previous,
            Deflater& deflater);
  FamilyRun(const FamilyRun&) = delete;
  FamilyRun& operator=(const FamilyRun&) = delete;

  const std::vector<Member>& members() const { return members_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  std::size_t size_bytes() const { return size_bytes_; }
  std::size_t series() const { return series_; }

 private:
  std::vector<Member> members_;
  std::vector<Block> blocks_;
  std::size_t size_bytes_ = 0;
  std::size_t series_ = 0;
};

}  // namespace serverspace::metrics
