#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace serverspace::http {

/// An HTTP proxy that opens tunnels (RFC 9110, 9.3.6).
struct Proxy {
  std::string host;  ///< An IPv6 address without its brackets.
  std::uint16_t port = 80;
  Secret credentials;  ///< `user:password`, percent-decoded; empty for none.

  std::string Authority() const;
};

/// `http://[user:password@]host[:port]`, as in HTTPS_PROXY. The error never
/// holds the text, which may carry a password.
Result<Proxy> ParseProxy(std::string_view text);

/// The hosts that are reached without the proxy, as in NO_PROXY: names and
/// addresses set apart by commas or spaces; a name covers its subdomains, with
/// or without a dot before it; with a port it covers that port alone; `*`
/// covers all.
class NoProxyList {
 public:
  explicit NoProxyList(std::string_view text);

  bool Covers(std::string_view host, std::uint16_t port) const;

 private:
  struct Entry {
    std::string name;
    std::optional<std::uint16_t> port;

    bool Covers(std::string_view host) const;
  };

  std::vector<Entry> entries_;
  bool all_ = false;
};

}  // namespace serverspace::http
