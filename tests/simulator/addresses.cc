#include "simulator/addresses.h"

#include <array>
#include <cstdio>

#include "simulator/location.h"

namespace serverspace::sim {
namespace {

constexpr std::int64_t kFirstNumber = 1001;  // of World::NextNumber

std::string Octet(std::int64_t number, int shift) {
  return std::to_string(number >> shift & 0xff);
}

}  // namespace

std::string PublicAddress(std::int64_t number) {
  constexpr std::int64_t kDocumentation = 200;
  const std::int64_t index = number - kFirstNumber;
  if (index < kDocumentation) return "203.0.113." + std::to_string(2 + index);
  return "198." + std::to_string(18 + (index >> 16) % 2) + "." +
         Octet(index, 8) + "." + Octet(index, 0);
}

std::string PrivateAddress(std::int64_t number) {
  return "10." + Octet(number, 16) + "." + Octet(number, 8) + "." +
         Octet(number, 0);
}

std::string MacAddress(std::int64_t number) {
  const auto byte = [number](int shift) {
    return static_cast<unsigned>(number >> shift & 0xff);
  };
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "ca:06:%02x:%02x:%02x:%02x", byte(24),
                byte(16), byte(8), byte(0));
  return text.data();
}

std::string SharedNetworkId(std::string_view location_id) {
  return LocationPrefix(location_id) + "n901";
}

}  // namespace serverspace::sim
