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

}  // namespace serverspace::api
