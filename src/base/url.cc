#include "base/url.h"

#include <algorithm>
#include <charconv>

#include "base/number.h"
#include "base/text.h"

namespace serverspace {
namespace {

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

Error Invalid(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}

bool IsHostName(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::ranges::all_of(host, [](char c) {
           return IsAlnum(c) || c == '-' || c == '.' || c == '_';
         });
}

bool IsIpv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         std::ranges::all_of(host, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                  c == ':' || c == '.';
         });
}

}  // namespace

std::string HttpsUrl::Authority() const {
  std::string text =
      host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != 443) text += ":" + std::to_string(port);
  return text;
}

Result<HttpsUrl> ParseHttpsUrl(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (ToLower(text.substr(0, kScheme.size())) != kScheme)
    return Invalid("must begin with https://");
  text.remove_prefix(kScheme.size());
  if (text.find_first_of("?#") != std::string_view::npos)
    return Invalid("must have no query and no fragment");

  HttpsUrl url;
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  if (authority.find('@') != std::string_view::npos)
    return Invalid("must have no user or password");
  std::string_view path = text.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!std::ranges::all_of(path, [](char c) {
        return IsAlnum(c) || std::string_view("/-._~%!$&'()*+,;=:").find(c) !=
                                 std::string_view::npos;
      })) {
    return Invalid("has a character in its path that is not allowed there");
  }
  url.path = path;

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos)
      return Invalid("has an IPv6 address without its closing bracket");
    url.host = ToLower(authority.substr(1, end - 1));
    if (!IsIpv6(url.host))
      return Invalid("has no IPv6 address in its brackets");
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = ToLower(authority.substr(0, colon));
    if (!IsHostName(url.host)) return Invalid("has no valid host name");
    port = authority.substr(colon);
  }
  if (!port.empty()) {
    const auto number = ParseNumber<std::uint16_t>(port.substr(1));
    if (port.front() != ':' || number.value_or(0) == 0)
      return Invalid("has no valid port");
    url.port = *number;
  }
  return url;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kHex[byte >> 4U];
      encoded += kHex[byte & 0xFU];
    }
  }
  // A path segment of dots alone would be read as a step up or none, and dots
  // have no other spelling that all agree on.
  if (encoded == "." || encoded == "..") {
    std::string dots;
    for (std::size_t i = 0; i < encoded.size(); ++i) dots += "%2E";
    return dots;
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() ||
        std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      return std::nullopt;
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace serverspace
