#include "server/listener_address.h"

#include <cstdint>
#include <optional>

#include "base/number.h"

namespace serverspace::server {

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto invalid = [text](std::string_view why) {
    return Error{
        ErrorCode::kInvalidInput,
        "listen address '" + std::string(text) + "': " + std::string(why)};
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return invalid("expected HOST:PORT or :PORT");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);

  ListenAddress address;
  const auto number = ParseNumber<std::uint16_t>(port);
  if (!number) return invalid("the port must be a number from 0 to 65535");
  address.port = *number;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == host.npos)
      return invalid("brackets are for IPv6 addresses");
  } else if (host.find(':') != host.npos) {
    return invalid("an IPv6 address goes in brackets, as in [::1]:10066");
  }
  if (host.find_first_of("[]") != host.npos)
    return invalid("it has a bracket too many");
  address.host = host;
  return address;
}

}  // namespace serverspace::server
