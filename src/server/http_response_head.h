#pragma once

#include <string>

#include "base/clock.h"
#include "server/http_message.h"

namespace serverspace::server {

/// The status line and all header fields up to the empty line, the security
/// headers among them. Empty if a header of the response holds a line break or
/// is no header name: that would be another answer than meant.
std::string FormatResponseHead(const Response& response, WallTime now,
                               bool keep_alive);

/// Whether an answer of this status carries its body (RFC 9110, section 6.4.1).
bool StatusHasBody(int status);

}  // namespace serverspace::server
