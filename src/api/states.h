#pragma once

#include <array>
#include <string_view>

namespace serverspace::api {

// The values that are known of each word field, lower-cased. Others pass, but
// are counted.

/// API reference 2.3: only this one has been seen; a blocked project surely has
/// another.
inline constexpr std::array<std::string_view, 1> kProjectStates = {"active"};
/// API reference 2.4.
inline constexpr std::array<std::string_view, 4> kServerStates = {
    "new", "active", "busy", "blocked"};
/// API reference 2.4, `application_installations`.
inline constexpr std::array<std::string_view, 3> kApplicationStates = {
    "installing", "installed", "failed"};
/// API reference 2.6.
inline constexpr std::array<std::string_view, 2> kNetworkTypes = {
    "publicshared", "isolated"};

/// API reference 2.8 and 2.9; the set is documented for gateways and assumed
/// for networks.
inline constexpr std::array<std::string_view, 4> kNetworkStates = kServerStates;
inline constexpr std::array<std::string_view, 4> kGatewayStates = kServerStates;
/// API reference 2.14: not known, so those of servers are assumed.
inline constexpr std::array<std::string_view, 4> kClusterStates = kServerStates;
/// API reference 2.10.
inline constexpr std::array<std::string_view, 7> kRecordTypes = {
    "a", "aaaa", "mx", "cname", "ns", "txt", "srv"};
/// API reference 2.15.
inline constexpr std::array<std::string_view, 3> kRestorePointStates = {
    "in_progress", "active", "failed"};
/// API reference 2.2.
inline constexpr std::array<std::string_view, 5> kTaskStates = {
    "new", "inprogress", "completed", "failed", "canceled"};
/// API reference 2.16.
inline constexpr std::array<std::string_view, 7> kVmwareServerStates = {
    "creating",   "active",   "suspended", "powered_off",
    "need_money", "deleting", "error"};
/// API reference 2.16: not a published set.
inline constexpr std::array<std::string_view, 2> kVmwareNetworkStates = {
    "creating", "active"};
/// API reference 2.16.
inline constexpr std::array<std::string_view, 5> kVmwareNetworkTypes = {
    "private_client", "routed_client", "public_client", "public_shared",
    "public_shared_ipv6"};

}  // namespace serverspace::api
