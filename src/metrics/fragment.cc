#include "metrics/fragment.h"

#include <algorithm>
#include <utility>

namespace serverspace::metrics {

Fragment::Fragment(Families families, std::size_t dropped_duplicates)
    : families_(std::move(families)), dropped_duplicates_(dropped_duplicates) {
  std::erase_if(families_,
                [](const auto& text) { return text->series() == 0; });
  std::ranges::sort(families_, {},
                    [](const auto& text) { return text->desc().name; });
  for (const auto& text : families_) {
    series_ += text->series();
    size_bytes_ += text->size_bytes();
  }
}

std::string Fragment::ToString() const {
  std::string all;
  all.reserve(size_bytes_);
  for (const auto& text : families_) {
    for (const std::string& segment : text->segments()) all += segment;
  }
  return all;
}

bool operator==(const Fragment& a, const Fragment& b) {
  return a.size_bytes_ == b.size_bytes_ &&
         std::ranges::equal(
             a.families_, b.families_,
             [](const auto& x, const auto& y) { return *x == *y; });
}

void FragmentBuilder::AddLines(const Desc& desc, std::string_view lines) {
  const auto family = std::ranges::find(
      families_, desc.name, [](const auto& text) { return text.desc().name; });
  FamilyTextBuilder& text =
      family != families_.end() ? *family : families_.emplace_back(desc);
  text.AddLines(lines);
}

Fragment FragmentBuilder::Build() && {
  Fragment::Families families;
  families.reserve(families_.size());
  for (FamilyTextBuilder& text : families_)
    families.push_back(
        std::make_shared<const FamilyText>(std::move(text).Build()));
  families_.clear();
  return Fragment(std::move(families));
}

}  // namespace serverspace::metrics
