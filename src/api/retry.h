#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace serverspace::api {

/// The longest pause that a Retry-After header can cause. A larger value is
/// taken as this: a host that errs must not silence a project for a day.
inline constexpr Duration kMaxRetryAfter = std::chrono::minutes(10);

/// A Retry-After header (RFC 9110, section 10.2.3), in seconds or as an HTTP
/// date; 0 for a moment that has passed, nothing for anything else. A date is
/// compared with the answer's own Date header if that can be read, so that our
/// clock does not matter, else with `now`.
std::optional<Duration> ParseRetryAfter(std::string_view retry_after,
                                        std::string_view date, WallTime now);

/// The pause before retry number `retry` (from 1): random up to a limit that
/// doubles from `base` to `cap` ("full jitter").
Duration Backoff(int retry, Duration base, Duration cap, Random& random);

/// Whether the same request may well succeed a moment later.
bool IsTransient(ErrorCode code);

}  // namespace serverspace::api
