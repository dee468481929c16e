#include "base/money.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace serverspace {
namespace {

constexpr int kDecimals = 6;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Money> Money::Parse(std::string_view text) {
  bool negative = false;
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }

  // The digits as one row, and how many of them stand before the point.
  std::string digits;
  std::size_t i = 0;
  for (; i < text.size() && IsDigit(text[i]); ++i) digits += text[i];
  if (digits.empty()) return std::nullopt;
  auto point = static_cast<std::int64_t>(digits.size());
  if (i < text.size() && text[i] == '.') {
    const std::size_t first = ++i;
    for (; i < text.size() && IsDigit(text[i]); ++i) digits += text[i];
    if (i == first) return std::nullopt;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    // from_chars takes a minus, but no plus.
    if (i < text.size() && text[i] == '+') {
      ++i;
      if (i < text.size() && text[i] == '-') return std::nullopt;
    }
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error != std::errc() || end == text.data() + i) return std::nullopt;
    i = static_cast<std::size_t>(end - text.data());
    point += exponent;
  }
  if (i != text.size()) return std::nullopt;

  // Leading zeros carry nothing; without them the number of digits bounds the
  // loop below.
  const std::size_t leading =
      std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, leading);
  point -= static_cast<std::int64_t>(leading);
  if (digits.empty()) return Money();
  if (point + kDecimals > 19) return std::nullopt;
  const std::int64_t kept = point + kDecimals;
  if (kept < 0) return Money();

  // One more below zero than above.
  const std::uint64_t limit =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) +
      (negative ? 1 : 0);
  std::uint64_t micros = 0;
  for (std::int64_t n = 0; n < kept; ++n) {
    const auto index = static_cast<std::size_t>(n);
    micros = micros * 10 + static_cast<std::uint64_t>(
                               index < digits.size() ? digits[index] - '0' : 0);
  }
  const auto next = static_cast<std::size_t>(kept);
  if (next < digits.size() && digits[next] >= '5') ++micros;
  if (micros > limit) return std::nullopt;
  return Money(static_cast<std::int64_t>(negative ? 0 - micros : micros));
}

std::string Money::ToString() const {
  const bool negative = micros_ < 0;
  const std::uint64_t magnitude = negative
                                      ? ~static_cast<std::uint64_t>(micros_) + 1
                                      : static_cast<std::uint64_t>(micros_);
  std::string text = std::to_string(magnitude);
  if (text.size() <= kDecimals)
    text.insert(0, kDecimals + 1 - text.size(), '0');
  text.insert(text.size() - kDecimals, ".");
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return negative ? "-" + text : text;
}

std::optional<Money> Add(Money a, Money b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.micros(), b.micros(), &sum)) return std::nullopt;
  return Money::FromMicros(sum);
}

std::optional<Money> Subtract(Money a, Money b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.micros(), b.micros(), &difference))
    return std::nullopt;
  return Money::FromMicros(difference);
}

}  // namespace serverspace
