#include "base/timestamp.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace serverspace {
namespace {

/// Walks over a text from the left; every step says whether it could be taken.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool SkipAny(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `width` digits, within the bounds.
  bool Number(std::size_t width, int low, int high, int& out) {
    if (rest_.size() < width) return false;
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    if (value < low || value > high) return false;
    rest_.remove_prefix(width);
    out = value;
    return true;
  }

  /// A fraction of any length as nanoseconds.
  bool Fraction(std::chrono::nanoseconds& out) {
    std::int64_t nanos = 0;
    std::int64_t unit = 100'000'000;
    std::size_t n = 0;
    for (; n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9'; ++n) {
      nanos += unit * (rest_[n] - '0');
      unit /= 10;
    }
    if (n == 0) return false;
    rest_.remove_prefix(n);
    out = std::chrono::nanoseconds(nanos);
    return true;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Nanoseconds since 1970 in 64 bits end in 2262.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

std::optional<WallTime> MakeTime(int year, int month, int day, int hour,
                                 int minute, int second) {
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace

std::optional<WallTime> ParseTimestamp(std::string_view text) {
  Cursor at(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  // A leap second is written as 60 and counts as the next second.
  if (!at.Number(4, kFirstYear, kLastYear, year) || !at.Skip('-') ||
      !at.Number(2, 1, 12, month) || !at.Skip('-') ||
      !at.Number(2, 1, 31, day) || !at.SkipAny("Tt ") ||
      !at.Number(2, 0, 23, hour) || !at.Skip(':') ||
      !at.Number(2, 0, 59, minute) || !at.Skip(':') ||
      !at.Number(2, 0, 60, second)) {
    return std::nullopt;
  }
  std::chrono::nanoseconds fraction{0};
  if (at.Skip('.') && !at.Fraction(fraction)) return std::nullopt;
  std::chrono::minutes offset{0};
  if (!at.SkipAny("Zz") && !at.rest().empty()) {
    const int sign = at.rest().front() == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (!at.SkipAny("+-") || !at.Number(2, 0, 23, hours)) return std::nullopt;
    at.Skip(':');
    if (!at.Number(2, 0, 59, minutes)) return std::nullopt;
    offset = std::chrono::minutes(sign * (hours * 60 + minutes));
  }
  if (!at.rest().empty()) return std::nullopt;
  const auto time = MakeTime(year, month, day, hour, minute, second);
  if (!time) return std::nullopt;
  return *time + fraction - offset;
}

std::optional<WallTime> ParseHttpDate(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun",
      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // The weekday says nothing that the date does not.
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT"))
    return std::nullopt;
  int month = 0;
  while (month < 12 &&
         kMonths[static_cast<std::size_t>(month)] != text.substr(8, 3))
    ++month;
  if (month == 12) return std::nullopt;
  int day = 0;
  int year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  Cursor date(text.substr(5, 2));
  Cursor at(text.substr(12, 13));
  if (text[7] != ' ' || text[11] != ' ' || !date.Number(2, 1, 31, day) ||
      !at.Number(4, kFirstYear, kLastYear, year) || !at.Skip(' ') ||
      !at.Number(2, 0, 23, hour) || !at.Skip(':') ||
      !at.Number(2, 0, 59, minute) || !at.Skip(':') ||
      !at.Number(2, 0, 60, second)) {
    return std::nullopt;
  }
  return MakeTime(year, month + 1, day, hour, minute, second);
}

std::string FormatTimestamp(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto midnight = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(seconds - midnight);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace serverspace
