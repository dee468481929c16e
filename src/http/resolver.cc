#include "http/resolver.h"

#include <algorithm>
#include <array>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

#include "base/text.h"

namespace serverspace::http {

Result<std::vector<std::string>> SystemResolver::Resolve(
    const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // No IPv6 addresses for a machine that has none itself.
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0)
    return Error{ErrorCode::kNetwork, ToLower(gai_strerror(status))};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found,
                                                                 &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry != nullptr;
       entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(),
                    static_cast<socklen_t>(text.size()), nullptr, 0,
                    NI_NUMERICHOST) == 0 &&
        std::ranges::find(addresses, text.data()) == addresses.end()) {
      addresses.emplace_back(text.data());
    }
  }
  if (addresses.empty())
    return Error{ErrorCode::kNetwork, "the name has no address"};
  return addresses;
}

}  // namespace serverspace::http
