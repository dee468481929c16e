#include "api/retry.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/timestamp.h"

namespace serverspace::api {

std::optional<Duration> ParseRetryAfter(std::string_view retry_after,
                                        std::string_view date, WallTime now) {
  retry_after = Trim(retry_after);
  if (const auto until = ParseHttpDate(retry_after)) {
    const WallTime from = ParseHttpDate(Trim(date)).value_or(now);
    // Compared before the subtraction, which could overflow.
    if (*until <= from) return Duration::zero();
    if (from < *until - kMaxRetryAfter) return kMaxRetryAfter;
    return *until - from;
  }
  if (retry_after.empty() || !std::ranges::all_of(retry_after, [](char c) {
        return c >= '0' && c <= '9';
      })) {
    return std::nullopt;
  }
  constexpr std::int64_t kMaxSeconds =
      std::chrono::floor<std::chrono::seconds>(kMaxRetryAfter).count();
  std::int64_t seconds = kMaxSeconds;
  const auto [end, error] = std::from_chars(
      retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (error == std::errc::result_out_of_range) return kMaxRetryAfter;
  return std::chrono::seconds(std::min(seconds, kMaxSeconds));
}

Duration Backoff(int retry, Duration base, Duration cap, Random& random) {
  Duration limit = std::min(base, cap);
  for (int n = 1; n < retry && limit < cap; ++n)
    limit = limit > cap / 2 ? cap : limit * 2;
  return std::chrono::duration_cast<Duration>(limit * random.Unit());
}

bool IsTransient(ErrorCode code) {
  switch (code) {
    case ErrorCode::kRateLimited:
    case ErrorCode::kTimeout:
    case ErrorCode::kNetwork:
    case ErrorCode::kServerError:
      return true;
    default:
      return false;
  }
}

}  // namespace serverspace::api
