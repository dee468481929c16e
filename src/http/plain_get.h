#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace serverspace::http {

/// Where a page is served without TLS.
struct PlainUrl {
  std::string host;  ///< A name or an address; an IPv6 one without brackets.
  std::uint16_t port = 80;
  std::string path = "/";

  /// `host:port`, with brackets where they are needed.
  std::string Authority() const;
  friend bool operator==(const PlainUrl&, const PlainUrl&) = default;
};

/// Reads `http://HOST[:PORT][/PATH]`. The error holds nothing of the text, in
/// which a password may stand.
Result<PlainUrl> ParsePlainUrl(std::string_view text);

/// The status of one GET over plain HTTP, which carries no secret: for asking
/// an exporter on this machine how it is. Nothing beyond the status line is
/// read. Blocks until `deadline` at the latest, but for the system's resolver,
/// which is asked where the host is a name.
Result<int> GetPlainStatus(const PlainUrl& url, MonoTime deadline,
                           const Clock& clock);

}  // namespace serverspace::http
