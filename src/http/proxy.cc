#include "http/proxy.h"

#include <algorithm>
#include <optional>

#include "base/number.h"
#include "base/text.h"
#include "base/url.h"

namespace serverspace::http {
namespace {

Error Invalid(std::string_view what) {
  return {ErrorCode::kInvalidInput, "proxy_url " + std::string(what)};
}

bool IsHostText(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
}

}  // namespace

std::string Proxy::Authority() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(port);
}

Result<Proxy> ParseProxy(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (ToLower(text.substr(0, kScheme.size())) != kScheme)
    return Invalid("must begin with http://, also when it is used for https");
  text.remove_prefix(kScheme.size());

  Proxy proxy;
  // A password may have any of the marks that set the parts of a URL apart.
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::optional<std::string> user = PercentDecode(text.substr(0, at));
    if (!user.has_value())
      return Invalid("has a bad percent sign in its user or password");
    proxy.credentials = Secret(*user);
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != std::string_view::npos)
    return Invalid("must have no path");
  std::size_t host_end = 0;
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos)
      return Invalid("has an IPv6 address without its closing bracket");
    proxy.host = ToLower(text.substr(1, host_end - 1));
    ++host_end;
  } else {
    host_end = std::min(text.find(':'), text.size());
    proxy.host = ToLower(text.substr(0, host_end));
  }
  if (!IsHostText(proxy.host)) return Invalid("has no valid host");
  const std::string_view port = text.substr(host_end);
  if (!port.empty()) {
    const auto number = ParseNumber<std::uint16_t>(port.substr(1));
    if (port.front() != ':' || number.value_or(0) == 0)
      return Invalid("has no valid port");
    proxy.port = *number;
  }
  return proxy;
}

NoProxyList::NoProxyList(std::string_view text) {
  constexpr std::string_view kSeparators = ", \t";
  while (!text.empty()) {
    const std::size_t end =
        std::min(text.find_first_of(kSeparators), text.size());
    std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name == "*") all_ = true;
    if (name.starts_with("*.")) name.remove_prefix(1);
    if (name.starts_with('.')) name.remove_prefix(1);
    std::optional<std::uint16_t> port;
    // The colons of an IPv6 address without brackets are its own.
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos &&
        (colon == name.find(':') || name.substr(0, colon).ends_with(']'))) {
      port = ParseNumber<std::uint16_t>(name.substr(colon + 1));
      // Whatever was meant, it is not every port.
      if (!port) continue;
      name = name.substr(0, colon);
    }
    if (name.starts_with('[') && name.ends_with(']'))
      name = name.substr(1, name.size() - 2);
    if (!name.empty()) entries_.push_back({ToLower(name), port});
  }
}

bool NoProxyList::Entry::Covers(std::string_view host) const {
  return host == name || (host.size() > name.size() && host.ends_with(name) &&
                          host[host.size() - name.size() - 1] == '.');
}

bool NoProxyList::Covers(std::string_view host, std::uint16_t port) const {
  return all_ || std::ranges::any_of(entries_, [&](const Entry& entry) {
           return entry.port.value_or(port) == port && entry.Covers(host);
         });
}

}  // namespace serverspace::http
