#include "metrics/family_text.h"

#include <bit>
#include <cstdint>
#include <functional>
#include <utility>

#include "metrics/exposition.h"

namespace serverspace::metrics {
namespace {

/// A line without its value: two lines with this in common are duplicates.
/// Label values may hold spaces, values cannot.
std::string_view SeriesOf(std::string_view line) {
  return line.substr(0, line.rfind(' '));
}

/// Calls `visit` with each line, newline included.
template <typename Visit>
void ForEachLine(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size =
        end == std::string_view::npos ? text.size() : end + 1;
    visit(text.substr(0, size));
    text.remove_prefix(size);
  }
}

/// Which texts were seen: one flat table with linear probing, because a large
/// collector has a million of them and the table lives for a moment only.
class SeenTexts {
 public:
  explicit SeenTexts(std::size_t count)
      : slots_(std::bit_ceil(count + count / 2 + 1)) {}

  /// False if an equal text was inserted before. The texts must stay in place.
  bool Insert(std::string_view text) {
    const std::size_t hash = std::hash<std::string_view>()(text);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.data == nullptr) {
        slot = {text.data(), static_cast<std::uint32_t>(text.size()),
                static_cast<std::uint32_t>(hash >> 32U)};
        return true;
      }
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32U) &&
          std::string_view(slot.data, slot.size) == text)
        return false;
    }
  }

 private:
  struct Slot {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t hash = 0;  // the half that does not choose the slot
  };
  std::vector<Slot> slots_;
};

}  // namespace

FamilyText::FamilyText(const Desc& desc, std::vector<std::string> segments,
                       std::size_t series)
    : desc_(&desc),
      segments_(std::move(segments)),
      series_(series),
      size_bytes_(0) {
  for (const std::string& segment : segments_) size_bytes_ += segment.size();
}

bool operator==(const FamilyText& a, const FamilyText& b) {
  return a.size_bytes_ == b.size_bytes_ && a.desc_->name == b.desc_->name &&
         a.segments_ == b.segments_;
}

FamilyTextBuilder::FamilyTextBuilder(const Desc& desc) : desc_(&desc) {
  RequireValid(desc);
}

void FamilyTextBuilder::EndLine() {
  constexpr std::size_t kMinSegmentBytes = FamilyText::kMaxSegmentBytes / 2;
  // At some 100 bytes a line, the cut comes on average 13 kB after the minimum
  // and seldom has to be forced.
  constexpr std::size_t kLinesPerCut = 128;

  ++series_;
  if (tail_.size() > FamilyText::kMaxSegmentBytes && line_start_ > 0) {
    segments_.emplace_back(tail_, 0, line_start_);
    tail_.erase(0, line_start_);
    line_start_ = 0;
  }
  const std::string_view line = std::string_view(tail_).substr(line_start_);
  line_start_ = tail_.size();
  if (tail_.size() < kMinSegmentBytes) return;
  if (tail_.size() >= FamilyText::kMaxSegmentBytes ||
      std::hash<std::string_view>()(SeriesOf(line)) % kLinesPerCut == 0)
    Finish();
}

void FamilyTextBuilder::Finish() {
  if (tail_.empty()) return;
  // A copy of the exact size: the buffer with its spare room serves again.
  segments_.emplace_back(tail_);
  tail_.clear();
  line_start_ = 0;
}

void FamilyTextBuilder::AddLines(std::string_view lines) {
  ForEachLine(lines, [this](std::string_view line) {
    tail_ += line;
    EndLine();
  });
}

FamilyText FamilyTextBuilder::Build() && {
  Finish();
  return FamilyText(*desc_, std::move(segments_), series_);
}

FamilyText FamilyTextBuilder::BuildUnique(std::size_t& dropped) && {
  Finish();
  std::vector<const char*> duplicates;
  {
    SeenTexts seen(series_);
    for (const std::string& segment : segments_) {
      ForEachLine(segment, [&](std::string_view line) {
        if (!seen.Insert(SeriesOf(line))) duplicates.push_back(line.data());
      });
    }
  }
  if (duplicates.empty()) return std::move(*this).Build();

  dropped += duplicates.size();
  FamilyTextBuilder unique(*desc_);
  auto duplicate = duplicates.begin();
  for (const std::string& segment : segments_) {
    ForEachLine(segment, [&](std::string_view line) {
      if (duplicate != duplicates.end() && *duplicate == line.data()) {
        ++duplicate;
      } else {
        unique.AddLines(line);
      }
    });
  }
  return std::move(unique).Build();
}

}  // namespace serverspace::metrics
