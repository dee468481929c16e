#pragma once

#include <string_view>

#include "metrics/page.h"

namespace serverspace::server {

/// The exposition format that an Accept header asks for (RFC 9110,
/// section 12.5.1): OpenMetrics only where it is named and weighs at least as
/// much as plain text, for people's tools accept anything and expect text.
metrics::Format NegotiateFormat(std::string_view accept);

/// gzip if the Accept-Encoding header allows it (RFC 9110, section 12.5.3).
metrics::Encoding NegotiateEncoding(std::string_view accept_encoding);

}  // namespace serverspace::server
