#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace serverspace {

/// Reads the API's ISO 8601 times (API reference 1.3): any number of fraction
/// digits (those beyond nanoseconds are cut), `Z`, an offset, or no zone at
/// all, which is taken as UTC. Nothing for anything else.
std::optional<WallTime> ParseTimestamp(std::string_view text);

/// Reads an HTTP date in its preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`
/// (RFC 9110, section 5.6.7).
std::optional<WallTime> ParseHttpDate(std::string_view text);

/// `2026-11-20T08:44:12Z`, to the second, for logs and pages.
std::string FormatTimestamp(WallTime time);

}  // namespace serverspace
