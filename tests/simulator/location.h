#pragma once

#include <span>
#include <string>
#include <string_view>

namespace serverspace::sim {

struct Location {
  std::string_view id;
  int number;
  /// Only such are listed by `GET /locations`.
  bool open_for_orders;
};

std::span<const Location> Locations();
/// Null if there is no such location.
const Location* FindLocation(std::string_view id);
/// The beginning of the ids of a location's objects: `l3` (API reference 1.2).
std::string LocationPrefix(std::string_view id);

}  // namespace serverspace::sim
