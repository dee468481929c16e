#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace serverspace::collectors {

/// `,a,b,` sorted, so that a regular expression finds a whole tag:
/// `tags=~".*,prod,.*"`.
std::string JoinTags(std::vector<std::string> tags);

/// `10.20.0.0/24`; empty unless both parts are known.
template <typename Network>
std::string Prefix(const Network& network) {
  if (network.address.empty() || !network.prefix_length) return {};
  return network.address + "/" + std::to_string(*network.prefix_length);
}

/// The error of a request that is not the first of its run. Once something of a
/// product answered the product is there, so that the rest is refused or not
/// found is a failure and must not pass for a product that the project lacks.
Error AsFailure(Error error);

/// Whether a vStack object in this state has a change under way (API reference
/// 2.1).
bool IsUnsettled(const std::string& state);

}  // namespace serverspace::collectors
