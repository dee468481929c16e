#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace serverspace::http {

/// Where a page is served.
struct PageUrl {
  bool tls = false;
  std::string host;  ///< A name or an address; an IPv6 one without brackets.
  std::uint16_t port = 80;
  std::string path = "/";

  /// `host:port`, with brackets where they are needed.
  std::string Authority() const;
  friend bool operator==(const PageUrl&, const PageUrl&) = default;
};

/// Reads `http://HOST[:PORT][/PATH]`, or the same with https. The error holds
/// nothing of the text, in which a password may stand.
Result<PageUrl> ParsePageUrl(std::string_view text);

/// The status of one GET: for asking an exporter on this machine how it is.
/// With TLS nobody's certificate is verified, so `authorization`, the header of
/// that name, left out if empty, must open no more than this page. Nothing
/// beyond the status line is read, which must be a whole and correct one. Of
/// failures, kTls means that the other side speaks TLS, though not with us;
/// kBadResponse that it speaks no HTTP, or no TLS. Blocks until `deadline` at
/// the latest, but for the system's resolver, which is asked where the host is
/// a name.
Result<int> GetStatus(const PageUrl& url, const std::string& authorization,
                      MonoTime deadline, const Clock& clock);

}  // namespace serverspace::http
