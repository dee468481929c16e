#pragma once

#include <span>
#include <string>
#include <string_view>

namespace serverspace::collectors {

/// Where a network leads, as far as the API tells.
enum class Reach { kPublic, kPrivate, kUnknown };

/// One NIC's address and what decides whether it is the server's.
struct AddressCandidate {
  std::string_view nic_id;
  std::string_view address;  ///< As the API gave it.
  Reach reach = Reach::kUnknown;
  bool primary = false;
};

/// A server's IPv4 address on either side; empty where it has none.
struct ServerAddresses {
  std::string public_ip;
  std::string private_ip;
};

/// Of each side the address of the primary NIC, else of the oldest: ids rise,
/// so that a NIC which is added later changes nothing. Whatever is no IPv4
/// address that a server can have is passed over: a word, IPv6, loopback,
/// link-local (a cloud's metadata service is there), multicast. Where the API
/// does not tell the side, the address does: RFC 1918 and RFC 6598 are private.
ServerAddresses ChooseAddresses(std::span<const AddressCandidate> candidates);

}  // namespace serverspace::collectors
