#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/number.h"
#include "base/redact.h"
#include "base/text.h"

namespace serverspace::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::array<Unit, 5> kUnits = {{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

Error Invalid(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The number at the start of `text`, which it takes off.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  // from_chars would take a minus.
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<Duration> ReadDuration(std::string_view text) {
  // Far more than any bound, and its nanoseconds fit 64 bits.
  constexpr std::int64_t kMostMillis = 36'500 * kUnits.front().millis;
  std::int64_t millis = 0;
  std::size_t next_unit = 0;
  do {
    const auto number = TakeNumber(text);
    if (!number) return std::nullopt;
    const std::string_view name =
        text.substr(0, static_cast<std::size_t>(
                           std::ranges::find_if(text, IsDigit) - text.begin()));
    const auto unit = std::find_if(
        kUnits.begin() + static_cast<std::ptrdiff_t>(next_unit), kUnits.end(),
        [&](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) return std::nullopt;
    next_unit = static_cast<std::size_t>(unit - kUnits.begin()) + 1;
    text.remove_prefix(name.size());
    if (*number > (kMostMillis - millis) / unit->millis) return std::nullopt;
    millis += *number * unit->millis;
  } while (!text.empty());
  return std::chrono::milliseconds(millis);
}

template <typename Number>
std::string Show(Number number) {
  std::array<char, 32> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), end);
}

template <typename Number>
Result<Number> ReadNumber(std::string_view text, Number least, Number most,
                          const std::string& kind) {
  Number number{};
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() ||
      (error != std::errc() && error != std::errc::result_out_of_range)) {
    return Invalid(Quote(text) + " is not a " + kind);
  }
  // Not a number compares false, so it is refused here too.
  if (error != std::errc() || !(number >= least && number <= most)) {
    return Invalid(Quote(text) + " is out of bounds: " + Show(least) + " to " +
                   Show(most));
  }
  return number;
}

}  // namespace

std::string Quote(std::string_view text) {
  if (LooksLikeKey(text)) return "<a text like an API key, not shown>";
  constexpr std::size_t kMost = 64;
  const std::string shown = RedactKeys(text);
  // Once more, as the mark of a cut could complete what looks like a hash.
  return RedactKeys('"' + Printable(shown, kMost) +
                    (shown.size() > kMost ? "...\"" : "\""));
}

Result<Duration> ParseDuration(std::string_view text, Duration least,
                               Duration most) {
  if (!text.empty() && std::ranges::all_of(text, IsDigit) &&
      !LooksLikeKey(text)) {
    return Invalid(Quote(text) + " has no unit: write " +
                   std::string(text.substr(0, 12)) +
                   "s for seconds, or use m, h, d");
  }
  const auto duration = ReadDuration(text);
  if (!duration) {
    return Invalid(
        Quote(text) +
        " is not a duration: write a whole number and ms, s, m, h or "
        "d, such as 90s or 1h30m");
  }
  if (*duration < least)
    return Invalid(Quote(text) + " is too short: at least " +
                   FormatDuration(least));
  if (*duration > most)
    return Invalid(Quote(text) + " is too long: at most " +
                   FormatDuration(most));
  return *duration;
}

std::string FormatDuration(Duration duration) {
  std::int64_t millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  std::string text;
  for (const Unit& unit : kUnits) {
    if (millis < unit.millis) continue;
    text += std::to_string(millis / unit.millis);
    text += unit.name;
    millis %= unit.millis;
  }
  return text.empty() ? "0s" : text;
}

Result<bool> ParseBool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Invalid(Quote(text) + " is not a switch: write true or false");
}

Result<double> ParseDecimal(std::string_view text, double least, double most) {
  return ReadNumber(text, least, most, "number");
}

Result<int> ParseWholeNumber(std::string_view text, int least, int most) {
  return ReadNumber(text, least, most, "whole number");
}

Result<Money> ParseAmount(std::string_view text) {
  const auto amount = Money::Parse(text);
  if (amount) return *amount;
  return Invalid(Quote(text) +
                 " is not an amount: write a number such as 50 or 12.5");
}

Result<WallTime> ParseDate(std::string_view text) {
  const Error error = Invalid(Quote(text) +
                              " is not a date: write YYYY-MM-DD, such as "
                              "2027-03-01");
  constexpr std::string_view kShape = "0000-00-00";
  if (text.size() != kShape.size()) return error;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == '-' ? text[i] != '-' : !IsDigit(text[i])) return error;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day date{
      std::chrono::year(number(0, 4)),
      std::chrono::month(static_cast<unsigned>(number(5, 2))),
      std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  // 64-bit nanoseconds end in 2262.
  if (!date.ok() || date.year() < std::chrono::year(1970) ||
      date.year() > std::chrono::year(2200)) {
    return Invalid(Quote(text) +
                   " is no day of the calendar from 1970 to 2200");
  }
  return WallTime(std::chrono::sys_days(date));
}

Result<std::string> ParseProjectName(std::string_view text) {
  constexpr std::size_t kMost = 128;
  if (text.empty()) return Invalid("the project name is empty");
  if (HoldsKey(text)) return Invalid("the project name looks like an API key");
  if (text.size() > kMost)
    return Invalid("the project name is longer than 128 bytes");
  if (!IsValidUtf8(text)) return Invalid("the project name is not valid UTF-8");
  if (std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte < 0x20 || byte == 0x7F;
      })) {
    return Invalid("the project name has a control character");
  }
  if (Trim(text) != text)
    return Invalid("the project name begins or ends with a space");
  return std::string(text);
}

Result<HttpsUrl> ParseBaseUrl(std::string_view text) {
  auto url = ParseHttpsUrl(text);
  if (!url.ok()) return Invalid("the URL " + url.error().message);
  if (url.value().path.ends_with("/api/v1"))
    return Invalid("the URL ends with /api/v1: leave that out, it is added");
  return url;
}

Result<std::string> ParseProxyUrl(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.empty()) return std::string();
  std::string_view address = text;
  if (ToLower(address.substr(0, kScheme.size())) == kScheme) {
    address.remove_prefix(kScheme.size());
  } else if (address.find("://") != std::string_view::npos) {
    return Invalid("only HTTP proxies are supported: write http://HOST:PORT");
  }
  while (address.ends_with('/')) address.remove_suffix(1);
  const std::size_t at = address.rfind('@');
  const std::string_view place =
      at == std::string_view::npos ? address : address.substr(at + 1);
  if (at != std::string_view::npos && !PercentDecode(address.substr(0, at))) {
    return Invalid(
        "the URL has a percent sign in its user or password that has no two "
        "digits after it: write %25 for the sign itself");
  }
  const auto checked = ParseHttpsUrl("https://" + std::string(place));
  if (!checked.ok()) return Invalid("the URL " + checked.error().message);
  if (!checked.value().path.empty())
    return Invalid("the URL of a proxy has no path: write http://HOST:PORT");
  return std::string(kScheme) + std::string(address);
}

Result<std::string> ParseListenAddress(std::string_view text) {
  const Error error =
      Invalid(Quote(text) +
              " is not an address to listen on: write HOST:PORT, :PORT or "
              "[IPV6]:PORT");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return error;
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (!ParseNumber<std::uint16_t>(digits)) return error;
  if (!host.empty() && !ParseHttpsUrl("https://" + std::string(host)).ok())
    return error;
  if (host.find_first_of("/@") != std::string_view::npos) return error;
  // An IPv6 address without brackets has more colons than the last, and what
  // stands after them has a port of its own.
  if (!host.ends_with(']') && host.find(':') != std::string_view::npos)
    return error;
  return std::string(text);
}

}  // namespace serverspace::config
