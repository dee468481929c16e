#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/url.h"
#include "http/address_book.h"
#include "http/exchange_limits.h"
#include "http/proxy.h"
#include "http/tls_channel.h"
#include "http/tls_context.h"
#include "http/transport.h"

namespace serverspace::http {

/// Opens connections to API hosts: name, TCP, a proxy's tunnel if one is set,
/// TLS. Threads may share one; the address book and the clock must outlive it.
class Dialer {
 public:
  struct Route {
    std::optional<Proxy> proxy;
    NoProxyList no_proxy;
    Duration connect_timeout;  ///< For each address.
  };

  Dialer(AddressBook& addresses, Route route, const Clock& clock);

  Result<std::unique_ptr<TlsChannel>, TransportError> Dial(
      const HttpsUrl& url, std::shared_ptr<const TlsContext> context,
      const ExchangeLimits& limits);

 private:
  Result<UniqueFd, TransportError> Connect(const std::string& host,
                                           std::uint16_t port,
                                           const ExchangeLimits& limits);

  AddressBook& addresses_;
  const Route route_;
  const Clock& clock_;
};

}  // namespace serverspace::http
