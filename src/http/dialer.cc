#include "http/dialer.h"

#include <utility>

#include "http/proxy_tunnel.h"
#include "http/tcp_connect.h"

namespace serverspace::http {

Dialer::Dialer(AddressBook& addresses, Route route, const Clock& clock)
    : addresses_(addresses), route_(std::move(route)), clock_(clock) {}

Result<UniqueFd, TransportError> Dialer::Connect(const std::string& host,
                                                 std::uint16_t port,
                                                 const ExchangeLimits& limits) {
  const auto addresses =
      addresses_.Lookup(host, limits.deadline(), limits.stop());
  if (!addresses.ok()) return addresses.error();
  auto connection = ConnectTcp(addresses.value(), port, route_.connect_timeout,
                               clock_, limits);
  if (!connection.ok()) return std::move(connection).error();
  addresses_.NoteWorking(host, connection.value().address);
  return std::move(connection.value().socket);
}

Result<std::unique_ptr<TlsChannel>, TransportError> Dialer::Dial(
    const HttpsUrl& url, std::shared_ptr<const TlsContext> context,
    const ExchangeLimits& limits) {
  const bool use_proxy =
      route_.proxy.has_value() && !route_.no_proxy.Covers(url.host, url.port);
  auto socket = use_proxy
                    ? Connect(route_.proxy->host, route_.proxy->port, limits)
                    : Connect(url.host, url.port, limits);
  const auto of_proxy = [this](TransportError error) {
    error.error.message.insert(0, "proxy " + route_.proxy->Authority() + ": ");
    return error;
  };
  if (!socket.ok()) {
    TransportError error = std::move(socket).error();
    return use_proxy ? of_proxy(std::move(error)) : error;
  }
  if (use_proxy) {
    const std::string target =
        (url.host.find(':') == std::string::npos ? url.host
                                                 : "[" + url.host + "]") +
        ":" + std::to_string(url.port);
    auto tunnel =
        OpenTunnel(socket.value().get(), target, *route_.proxy, limits);
    if (!tunnel.ok()) return of_proxy(std::move(tunnel).error());
  }
  return TlsChannel::Open(std::move(socket).value(), std::move(context),
                          url.host, limits);
}

}  // namespace serverspace::http
