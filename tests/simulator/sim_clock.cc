#include "simulator/sim_clock.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace serverspace::sim {
namespace {

std::string Calendar(Time time, const char* format) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  // The formats are the three constants of this file.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const std::size_t size =
      std::strftime(text.data(), text.size(), format, &parts);
#pragma GCC diagnostic pop
  return std::string(text.data(), size);
}

}  // namespace

SimClock::SimClock(const Clock& clock, double factor)
    : clock_(clock),
      factor_(factor),
      start_(std::chrono::floor<Ticks>(clock.Wall())),
      mono_start_(clock.Mono()) {}

Time SimClock::Now() const {
  const std::chrono::duration<double> elapsed = clock_.Mono() - mono_start_;
  return start_ + FromSeconds(elapsed.count() * factor_) +
         Ticks(advanced_ticks_.load());
}

void SimClock::Advance(Ticks by) { advanced_ticks_ += by.count(); }

std::string SimClock::HttpDate() const {
  return HttpDateIn(std::chrono::seconds(0));
}

std::string SimClock::HttpDateIn(std::chrono::seconds from_now) const {
  const std::chrono::seconds shift =
      from_now + std::chrono::seconds(date_skew_seconds_.load());
  return Calendar(std::chrono::floor<Ticks>(clock_.Wall()) + shift,
                  "%a, %d %b %Y %H:%M:%S GMT");
}

std::string FormatTimeWithoutZone(Time time) {
  return Calendar(time, "%Y-%m-%dT%H:%M:%S");
}

std::string FormatTimeToSecond(Time time) {
  return Calendar(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string FormatTime(Time time) {
  std::string text = FormatTimeWithoutZone(time);
  const auto fraction =
      (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  if (fraction != 0) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), ".%07lld",
                  static_cast<long long>(fraction));
    text += digits.data();
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + 'Z';
}

}  // namespace serverspace::sim
