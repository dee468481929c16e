#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace serverspace {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the valid UTF-8 sequence at the start of `text` (not empty), or 0.
/// Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing
/// beyond U+10FFFF.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const auto continues = [&](std::size_t i, std::uint8_t low = 0x80,
                             std::uint8_t high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

/// Bytes at the start that are plain ASCII, eight at a time.
std::size_t AsciiRun(std::string_view text) {
  std::size_t i = 0;
  while (i + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::copy_n(text.data() + i, 8, reinterpret_cast<char*>(&word));
    if ((word & 0x8080808080808080U) != 0) break;
    i += 8;
  }
  while (i < text.size() && static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

/// Where the first invalid byte stands; `text.size()` if there is none.
std::size_t FirstInvalid(std::string_view text) {
  std::size_t i = 0;
  for (;;) {
    i += AsciiRun(text.substr(i));
    if (i == text.size()) return i;
    const std::size_t length = SequenceLength(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool IsValidUtf8(std::string_view text) {
  return FirstInvalid(text) == text.size();
}

std::string ToValidUtf8(std::string text) {
  std::size_t invalid = FirstInvalid(text);
  if (invalid == text.size()) return text;
  std::string valid;
  valid.reserve(text.size() + 2 * kReplacement.size());
  std::string_view rest = text;
  while (!rest.empty()) {
    valid += rest.substr(0, invalid);
    rest.remove_prefix(invalid);
    if (rest.empty()) break;
    valid += kReplacement;
    rest.remove_prefix(1);
    invalid = FirstInvalid(rest);
  }
  return valid;
}

std::string_view Clip(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  // A sequence has at most three continuation bytes; more are no text and may
  // be cut anywhere.
  std::size_t end = limit;
  while (end > 0 && limit - end < 3 &&
         (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

std::string Printable(std::string_view text, std::size_t limit) {
  const std::string valid = ToValidUtf8(std::string(Clip(text, limit)));
  std::string clean;
  // Clipped once more, as a replaced byte is three bytes long.
  for (std::string_view rest = Clip(valid, limit); !rest.empty();) {
    const std::size_t length = SequenceLength(rest);
    const auto first = static_cast<std::uint8_t>(rest[0]);
    // U+0080 to U+009F are controls too: a terminal obeys them.
    const bool is_control =
        first < 0x20 || first == 0x7F ||
        (first == 0xC2 && static_cast<std::uint8_t>(rest[1]) < 0xA0);
    clean += is_control ? " " : rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return clean;
}

std::string Hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0F];
  }
  return text;
}

std::string EscapeHtml(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '&':
        html += "&amp;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

}  // namespace serverspace
