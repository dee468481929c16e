#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace serverspace::sim {

inline constexpr const char* kPublicGateway = "203.0.113.1";

/// Public addresses by number: the first are of a documentation range, the rest
/// of the range for benchmarks (RFC 2544), which is large.
std::string PublicAddress(std::int64_t number);
std::string PrivateAddress(std::int64_t number);
std::string MacAddress(std::int64_t number);
/// The shared public network of a location, which no list shows (API
/// reference 2.6).
std::string SharedNetworkId(std::string_view location_id);

}  // namespace serverspace::sim
