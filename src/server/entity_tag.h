#pragma once

#include <string>
#include <string_view>

namespace serverspace::server {

/// A strong validator of exactly these bytes (RFC 9110, section 8.8.3), quotes
/// included.
std::string MakeEntityTag(std::string_view body);

/// Whether an If-None-Match header (RFC 9110, section 13.1.2) names the tag:
/// then the client has these bytes already. A header that cannot be read names
/// nothing.
bool NamesEntityTag(std::string_view if_none_match, std::string_view tag);

}  // namespace serverspace::server
