#include "simulator/location.h"

namespace serverspace::sim {
namespace {

constexpr Location kLocations[] = {
    {"am2", 3, true},
    {"nj3", 5, true},
    {"kz", 2, true},
    {"ds1", 1, false},
};

}  // namespace

std::span<const Location> Locations() { return kLocations; }

const Location* FindLocation(std::string_view id) {
  for (const Location& location : kLocations) {
    if (location.id == id) return &location;
  }
  return nullptr;
}

std::string LocationPrefix(std::string_view id) {
  const Location* location = FindLocation(id);
  return "l" + (location == nullptr ? std::string()
                                    : std::to_string(location->number));
}

}  // namespace serverspace::sim
