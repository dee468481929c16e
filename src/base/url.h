#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace serverspace {

/// An `https://host[:port][/path]` address. Plain http is refused: it would
/// show the key to the network.
struct HttpsUrl {
  std::string host;  ///< Lower case; an IPv6 address without its brackets.
  std::uint16_t port = 443;
  std::string path;  ///< Without a slash at the end; empty for the root.

  /// `host` or `host:port`, the label value that tells API hosts apart.
  std::string Authority() const;
  friend bool operator==(const HttpsUrl&, const HttpsUrl&) = default;
};

/// The error says what is wrong with the text; it holds the text itself only
/// where that can carry no user or password.
Result<HttpsUrl> ParseHttpsUrl(std::string_view text);

/// A text as one path segment or query value: all but unreserved characters
/// (RFC 3986, section 2.3) as %XX, so no id from an answer can step out of its
/// place in a path.
std::string PercentEncode(std::string_view text);
/// The reverse; nothing where a percent sign has no two digits after it.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace serverspace
