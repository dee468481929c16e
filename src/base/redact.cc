#include "base/redact.h"

#include <algorithm>
#include <cstddef>

namespace serverspace {
namespace {

/// Keys have 64 letters and digits (API reference 1.0); no word that people
/// write has so many.
constexpr std::size_t kLeast = 48;

bool IsKeyLetter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

}  // namespace

bool LooksLikeKey(std::string_view text) {
  return text.size() >= kLeast && std::ranges::all_of(text, IsKeyLetter);
}

bool HoldsKey(std::string_view text) { return RedactKeys(text) != text; }

std::string RedactKeys(std::string_view text) {
  std::string redacted;
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, IsKeyLetter);
    const auto run = static_cast<std::size_t>(end - text.begin());
    redacted +=
        LooksLikeKey(text.substr(0, run)) ? kRedacted : text.substr(0, run);
    if (run < text.size()) redacted += text[run];
    text.remove_prefix(std::min(run + 1, text.size()));
  }
  return redacted;
}

}  // namespace serverspace
