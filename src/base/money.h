#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace serverspace {

/// An exact amount in millionths of a currency unit. Sums never round.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money FromMicros(std::int64_t micros) {
    return Money(micros);
  }

  /// Reads a JSON or YAML number (`318.07`, `-1`, `1.5e3`). Digits beyond the
  /// sixth decimal are rounded half away from zero. Nothing if the text is no
  /// number or beyond 64 bits.
  static std::optional<Money> Parse(std::string_view text);

  constexpr std::int64_t micros() const { return micros_; }
  /// The shortest decimal that is exactly this amount: `1229549.07`, `12`,
  /// `-0.5`.
  std::string ToString() const;

  friend constexpr auto operator<=>(Money, Money) = default;

 private:
  explicit constexpr Money(std::int64_t micros) : micros_(micros) {}

  std::int64_t micros_ = 0;
};

/// `a + b` and `a - b`, or nothing where 64 bits do not hold the result.
std::optional<Money> Add(Money a, Money b);
std::optional<Money> Subtract(Money a, Money b);

}  // namespace serverspace
