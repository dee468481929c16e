// Addresses of all kinds: what the configuration lets pass, whoever uses it
// understands the same, and no message tells a user or a password; each project
// belongs to one shard.

#include <cstdint>
#include <optional>

#include "base/url.h"
#include "config/shard.h"
#include "config/values.h"
#include "fuzz/input.h"
#include "fuzz/messages.h"
#include "http/proxy.h"
#include "http/status_get.h"
#include "server/listener_address.h"

namespace {

using serverspace::fuzz::Require;
using serverspace::fuzz::RequireFitMessage;
namespace config = serverspace::config;
namespace http = serverspace::http;
namespace server = serverspace::server;

void ReadBaseUrl(std::string_view text) {
  const auto url = config::ParseBaseUrl(text);
  RequireFitMessage(url);
  if (!url.ok()) return;
  const auto again = serverspace::ParseHttpsUrl(
      "https://" + url.value().Authority() + url.value().path);
  Require(again.ok() && again.value() == url.value(), "a URL reads back");
}

template <typename Value>
std::string MessageOf(const serverspace::Result<Value>& parsed) {
  return parsed.ok() ? "" : parsed.error().message;
}

/// The same with another user and password; nothing where there are none, or
/// where what they are made of matters.
std::optional<std::string> WithOtherCredentials(std::string_view text) {
  const std::size_t end = text.rfind('@');
  const std::size_t scheme = text.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  if (end == std::string_view::npos || begin > end) return std::nullopt;
  std::string other(text);
  for (std::size_t i = begin; i < end; ++i) {
    if (other[i] == '%') return std::nullopt;
    if (std::string_view(":/?#@").find(other[i]) == std::string_view::npos)
      other[i] = other[i] == 'x' ? 'y' : 'x';
  }
  return other;
}

void ReadProxy(std::string_view text) {
  const auto checked = config::ParseProxyUrl(text);
  const auto used = http::ParseProxy(text);
  RequireFitMessage(checked);
  RequireFitMessage(used);
  if (checked.ok() && !checked.value().empty()) {
    const auto proxy = http::ParseProxy(checked.value());
    Require(proxy.ok(), "a proxy that was checked can be used");
    const auto again = http::ParseProxy("http://" + proxy.value().Authority());
    Require(again.ok() && again.value().host == proxy.value().host &&
                again.value().port == proxy.value().port,
            "a proxy reads back");
  }
  if (const auto other = WithOtherCredentials(text)) {
    Require(MessageOf(config::ParseProxyUrl(*other)) == MessageOf(checked) &&
                MessageOf(http::ParseProxy(*other)) == MessageOf(used),
            "no message depends on a user or a password");
  }
}

void ReadNoProxy(std::string_view names, std::string_view host) {
  const http::NoProxyList list(names);
  constexpr std::uint16_t kPort = 443;
  const bool covered = list.Covers(host, kPort);
  Require(http::NoProxyList(std::string(names) + ",*").Covers(host, kPort),
          "a star covers every host");
  Require(!http::NoProxyList("").Covers(host, kPort), "nothing covers no host");
  Require(!covered || list.Covers("sub." + std::string(host), kPort),
          "a name covers its subdomains");
}

void ReadListenAddress(std::string_view text) {
  const auto checked = config::ParseListenAddress(text);
  RequireFitMessage(checked);
  const auto used = server::ParseListenAddress(text);
  Require(!checked.ok() || used.ok(),
          "an address that was checked can be used");
}

void ReadPageUrl(std::string_view text) {
  const auto url = http::ParsePageUrl(text);
  RequireFitMessage(url);
  if (!url.ok()) return;
  const auto again =
      http::ParsePageUrl((url.value().tls ? "https://" : "http://") +
                         url.value().Authority() + url.value().path);
  Require(again.ok() && again.value() == url.value(),
          "a page's URL reads back");
}

void ReadHostName(std::string_view text) {
  const auto index = config::ShardIndexOfHost(text);
  RequireFitMessage(index);
  if (index.ok()) {
    const auto again = config::ShardIndexOfHost(
        "exporter-" + std::to_string(index.value()) + ".example");
    Require(index.value() >= 0 && again.ok() && again.value() == index.value(),
            "a shard's number reads back");
  }
  constexpr int kMaxShards = 5;
  for (int count = 1; count <= kMaxShards; ++count) {
    int owners = 0;
    for (int shard = 0; shard < count; ++shard)
      owners += config::Owns({.index = shard, .count = count}, text) ? 1 : 0;
    Require(owners == 1, "a project belongs to one shard");
  }
}

void ReadSegment(std::string_view text) {
  const std::string encoded = serverspace::PercentEncode(text);
  const bool is_plain = std::ranges::all_of(encoded, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%").find(c) != std::string_view::npos;
  });
  Require(is_plain && encoded != "." && encoded != "..",
          "an id stays in its place in a path");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serverspace::fuzz::Input input(data, size);
  const std::string_view text = input.Rest();
  ReadBaseUrl(text);
  ReadProxy(text);
  ReadListenAddress(text);
  ReadPageUrl(text);
  ReadHostName(text);
  ReadSegment(text);
  const std::string_view host = input.Text();
  ReadNoProxy(input.Rest(), host);
  return 0;
}
