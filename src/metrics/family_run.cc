#include "metrics/family_run.h"

#include <array>
#include <unordered_map>
#include <utility>

#include "metrics/exposition.h"

namespace serverspace::metrics {
namespace {

Deflated DeflateText(Deflater& deflater, std::string_view text) {
  return deflater.Deflate(std::array{text});
}

/// The blocks of an older run, found by size first: sizes of tens of kilobytes
/// are seldom equal without the bytes being so.
class OldBlocks {
 public:
  explicit OldBlocks(const FamilyRun* run) {
    if (run == nullptr) return;
    for (const FamilyRun::Block& block : run->blocks())
      by_size_.emplace(block.deflated->plain_bytes, &block);
  }

  std::shared_ptr<const Deflated> Find(
      const std::vector<std::string_view>& text, std::size_t size_bytes) const {
    const auto [first, last] = by_size_.equal_range(size_bytes);
    for (auto candidate = first; candidate != last; ++candidate) {
      if (candidate->second->text == text) return candidate->second->deflated;
    }
    return nullptr;
  }

 private:
  std::unordered_multimap<std::uint64_t, const FamilyRun::Block*> by_size_;
};

}  // namespace

FamilyHead::FamilyHead(const Desc& desc, Deflater& deflater)
    : text(TextHead(desc)),
      open_metrics(OpenMetricsHead(desc)),
      text_deflated(DeflateText(deflater, text)),
      open_metrics_deflated(DeflateText(deflater, open_metrics)) {}

FamilyRun::FamilyRun(std::vector<Member> members, const FamilyRun* previous,
                     Deflater& deflater)
    : members_(std::move(members)) {
  for (const Member& member : members_) {
    size_bytes_ += member.text->size_bytes();
    series_ += member.text->series();
  }

  const OldBlocks old(previous);
  std::vector<std::string_view> text;
  std::size_t text_bytes = 0;
  const auto close_block = [&] {
    auto deflated = old.Find(text, text_bytes);
    if (deflated == nullptr)
      deflated = std::make_shared<const Deflated>(deflater.Deflate(text));
    blocks_.push_back({std::exchange(text, {}), std::move(deflated)});
    text_bytes = 0;
  };
  // A long text keeps to its own segments, whose borders are stable.
  const bool one_block = size_bytes_ <= FamilyText::kMaxSegmentBytes;
  for (const Member& member : members_) {
    for (const std::string& segment : member.text->segments()) {
      text.push_back(segment);
      text_bytes += segment.size();
      if (!one_block) close_block();
    }
  }
  if (!text.empty()) close_block();
}

}  // namespace serverspace::metrics
