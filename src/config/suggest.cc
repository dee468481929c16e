#include "config/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace serverspace::config {
namespace {

/// Levenshtein's distance, one row at a time.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word,
                                   std::span<const std::string> known) {
  constexpr std::size_t kLongest = 64;  // nobody mistypes this much
  const std::string lower = ToLower(word.substr(0, kLongest));
  const std::string* nearest = nullptr;
  // One slip in three letters is still the same word.
  std::size_t limit = std::max<std::size_t>(1, lower.size() / 3);
  for (const std::string& candidate : known) {
    const std::size_t distance = Distance(lower, ToLower(candidate));
    if (distance > limit || (nearest != nullptr && distance == limit)) continue;
    nearest = &candidate;
    limit = distance;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::string Suggest(std::string_view word, std::span<const std::string> known) {
  if (const auto nearest = Nearest(word, known))
    return ": did you mean \"" + *nearest + "\"?";
  std::string list;
  for (const std::string& candidate : known)
    list += (list.empty() ? "; known here: " : ", ") + candidate;
  return list;
}

}  // namespace serverspace::config
