#include "collectors/server_addresses.h"

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <tuple>

namespace serverspace::collectors {
namespace {

/// In host order; nothing unless it is a dotted quad.
std::optional<std::uint32_t> ParseIpv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1)
    return std::nullopt;
  // The C string ends at a NUL that the text may go on after.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return ntohl(address.s_addr);
}

bool IsWithin(std::uint32_t address, std::uint32_t network, int prefix_length) {
  return (address ^ network) >> (32 - prefix_length) == 0;
}

/// RFC 6890: "this network", loopback, link-local, multicast and reserved.
bool CanBeAServers(std::uint32_t address) {
  return !IsWithin(address, 0x00000000, 8) &&
         !IsWithin(address, 0x7F000000, 8) &&
         !IsWithin(address, 0xA9FE0000, 16) &&
         !IsWithin(address, 0xE0000000, 3);
}

bool IsPrivate(std::uint32_t address) {
  return IsWithin(address, 0x0A000000, 8) ||
         IsWithin(address, 0xAC100000, 12) ||
         IsWithin(address, 0xC0A80000, 16) || IsWithin(address, 0x64400000, 10);
}

/// Shorter ids are smaller numbers.
auto Rank(const AddressCandidate& candidate) {
  return std::tuple(!candidate.primary, candidate.nic_id.size(),
                    candidate.nic_id, candidate.address);
}

}  // namespace

ServerAddresses ChooseAddresses(std::span<const AddressCandidate> candidates) {
  const AddressCandidate* best_public = nullptr;
  const AddressCandidate* best_private = nullptr;
  for (const AddressCandidate& candidate : candidates) {
    const auto address = ParseIpv4(candidate.address);
    if (!address || !CanBeAServers(*address)) continue;
    const bool is_private = candidate.reach == Reach::kUnknown
                                ? IsPrivate(*address)
                                : candidate.reach == Reach::kPrivate;
    const AddressCandidate*& best = is_private ? best_private : best_public;
    if (best == nullptr || Rank(candidate) < Rank(*best)) best = &candidate;
  }
  const auto text = [](const AddressCandidate* candidate) {
    return std::string(candidate == nullptr ? "" : candidate->address);
  };
  return {.public_ip = text(best_public), .private_ip = text(best_private)};
}

}  // namespace serverspace::collectors
