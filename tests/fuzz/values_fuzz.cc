// Times, amounts, durations, names and keys: what is understood is understood
// the same when it is written down and read again.

#include <array>
#include <chrono>

#include "api/retry.h"
#include "base/money.h"
#include "base/timestamp.h"
#include "config/key.h"
#include "config/values.h"
#include "fuzz/input.h"
#include "fuzz/memory_file.h"
#include "fuzz/messages.h"

namespace {

using serverspace::Duration;
using serverspace::WallTime;
using serverspace::fuzz::Require;
using serverspace::fuzz::RequireFitMessage;
namespace api = serverspace::api;
namespace config = serverspace::config;

void ReadHttpDate(std::string_view text) {
  using namespace std::chrono;
  const auto time = serverspace::ParseHttpDate(text);
  // A leap second reads back as the next one.
  if (!time || text.substr(23, 2) == "60") return;
  const auto day = floor<days>(*time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(*time) - day);
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> again{};
  std::snprintf(again.data(), again.size(), "%02u %s %04d %02d:%02d:%02d GMT",
                static_cast<unsigned>(date.day()),
                kMonths.at(static_cast<unsigned>(date.month()) - 1),
                static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  Require(text.substr(5) == again.data(), "a date reads back");
}

/// Two texts with a line end between them, as headers.
void ReadRetryAfter(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view first = text.substr(0, end);
  const std::string_view date = text.substr(std::min(end + 1, text.size()));
  for (const WallTime now : {WallTime::min(), WallTime(), WallTime::max()}) {
    const auto pause = api::ParseRetryAfter(first, date, now);
    if (!pause) continue;
    Require(*pause >= Duration::zero() && *pause <= api::kMaxRetryAfter,
            "a pause is within bounds");
    const auto longer =
        api::ParseRetryAfter(std::string(first) + "0", date, now);
    Require(!longer || *longer >= *pause, "a longer number is no less");
  }
}

void ReadTimes(std::string_view text) {
  const auto time = serverspace::ParseTimestamp(text);
  if (!time) return;
  const auto again =
      serverspace::ParseTimestamp(serverspace::FormatTimestamp(*time));
  Require(again && *again == std::chrono::floor<std::chrono::seconds>(*time),
          "a time reads back");
}

void ReadAmounts(std::string_view text) {
  const auto amount = serverspace::Money::Parse(text);
  if (!amount) return;
  Require(serverspace::Money::Parse(amount->ToString()) == amount,
          "an amount reads back");
}

void ReadDurations(std::string_view text) {
  const Duration most = std::chrono::hours(24 * 365);
  const auto duration = config::ParseDuration(text, Duration::zero(), most);
  if (!duration.ok()) return;
  const auto again = config::ParseDuration(
      config::FormatDuration(duration.value()), Duration::zero(), most);
  Require(again.ok() && again.value() == duration.value(),
          "a duration reads back");
}

void ReadKeys(std::string_view text) {
  constexpr std::size_t kMaxFileBytes = 4096;
  const serverspace::fuzz::MemoryFile file(text);
  const auto key = config::ParseKey(text);
  const auto read = config::ReadKeyFile(file.path());
  RequireFitMessage(key);
  RequireFitMessage(read);
  Require(read.ok() == (key.ok() && text.size() <= kMaxFileBytes),
          "a key is the same in a file");
  if (!read.ok()) return;
  Require(read.value() == key.value(), "and so is its text");
  Require(std::ranges::all_of(key.value().Reveal(),
                              [](char c) { return c > ' ' && c <= '~'; }),
          "a key fits a header");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = serverspace::fuzz::Input(data, size).Rest();
  ReadTimes(text);
  ReadHttpDate(text);
  ReadRetryAfter(text);
  ReadKeys(text);
  ReadAmounts(text);
  ReadDurations(text);
  RequireFitMessage(config::ParseDuration(text, std::chrono::seconds(1),
                                          std::chrono::hours(1)));
  RequireFitMessage(config::ParseBool(text));
  RequireFitMessage(config::ParseDecimal(text, 0.1, 100));
  RequireFitMessage(config::ParseWholeNumber(text, 1, 1000));
  RequireFitMessage(config::ParseAmount(text));
  RequireFitMessage(config::ParseDate(text));
  RequireFitMessage(config::ParseProjectName(text));
  return 0;
}
