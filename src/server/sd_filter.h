#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace serverspace::server {

/// Which servers service discovery is asked for, and at which address and port
/// Prometheus shall scrape them.
struct SdFilter {
  enum class Network { kPublic, kPrivate };

  std::uint16_t port = 9100;  ///< node_exporter's.
  Network network = Network::kPublic;
  std::set<std::string> projects;  ///< One of these; empty for all.
  std::set<std::string> tags;      ///< All of these.
  /// Only what is not known to be off.
  bool powered_on = false;

  bool operator==(const SdFilter&) const = default;
};

/// Reads `port=9100&network=private&project=a&project=b&tag=x&powered=on`, all
/// of it optional. Anything else is `kInvalidInput`, whose message is fit to be
/// shown and holds nothing of the input: a filter that is mistyped must not
/// pass for none.
Result<SdFilter> ParseSdFilter(std::string_view query);

}  // namespace serverspace::server
