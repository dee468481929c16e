#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace serverspace::server {

/// Where to listen. An empty host is every address of the machine.
struct ListenAddress {
  std::string host;  ///< An address without brackets, or a name.
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Reads `:10066`, `127.0.0.1:10066`, `[::1]:10066`, `localhost:10066`. The
/// error names the text.
Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace serverspace::server
