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

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The length of the bcrypt hash at the front, or of what a cut has left of
/// one: `$2b$10$` and letters of its alphabet. 0 if there is none.
std::size_t HashLength(std::string_view text) {
  if (!text.starts_with("$2")) return 0;
  std::size_t at = 2;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  if (peek() >= 'a' && peek() <= 'z') ++at;
  if (peek() != '$') return 0;
  const std::size_t cost = ++at;
  while (IsDigit(peek())) ++at;
  if (at == cost || peek() != '$') return 0;
  const std::size_t secret = ++at;
  while (IsKeyLetter(peek()) || peek() == '.' || peek() == '/') ++at;
  return at == secret ? 0 : at;
}

}  // namespace

bool LooksLikeKey(std::string_view text) {
  return text.size() >= kLeast && std::ranges::all_of(text, IsKeyLetter);
}

bool HoldsKey(std::string_view text) { return RedactKeys(text) != text; }

std::string RedactKeys(std::string_view text) {
  std::string redacted;
  while (!text.empty()) {
    if (const std::size_t hash = HashLength(text); hash > 0) {
      redacted += kRedacted;
      text.remove_prefix(hash);
      continue;
    }
    const auto end = std::ranges::find_if_not(text, IsKeyLetter);
    const auto run = static_cast<std::size_t>(end - text.begin());
    // Other letters pass one by one.
    const std::string_view part = text.substr(0, std::max<std::size_t>(run, 1));
    redacted += LooksLikeKey(part) ? kRedacted : part;
    text.remove_prefix(part.size());
  }
  return redacted;
}

}  // namespace serverspace
