#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "server/http_message.h"

namespace serverspace::server {

/// The lines of the security headers that every answer has: our own, where
/// `chosen` has no other value for them, and those of `chosen`, whose values
/// are good ones.
std::string SecurityHeaderLines(
    const std::vector<std::pair<std::string, std::string>>& chosen = {});

/// The status line and all header fields up to the empty line, those of
/// `security_lines` among them. Empty if a header of the response holds a line
/// break or is no header name: that would be another answer than meant.
std::string FormatResponseHead(const Response& response, WallTime now,
                               bool keep_alive,
                               std::string_view security_lines);

/// Whether an answer of this status carries its body (RFC 9110, section 6.4.1).
bool StatusHasBody(int status);

}  // namespace serverspace::server
