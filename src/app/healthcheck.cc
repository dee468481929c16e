#include "app/healthcheck.h"

#include <chrono>

#include "server/listener_address.h"

namespace serverspace::app {
namespace {

constexpr Duration kLimit = std::chrono::seconds(5);
constexpr int kHealthyStatus = 200;
constexpr std::string_view kPath = "/-/healthy";

std::string Reachable(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

}  // namespace

Result<http::PlainUrl> HealthUrl(
    const std::vector<std::string>& listen_addresses) {
  if (listen_addresses.empty()) {
    return Error{ErrorCode::kInvalidInput,
                 "the socket unit says where to listen: give --url"};
  }
  auto address = server::ParseListenAddress(listen_addresses.front());
  if (!address.ok()) return std::move(address).error();
  if (address.value().port == 0) {
    return Error{ErrorCode::kInvalidInput,
                 "port 0 is a different one each time: give --url"};
  }
  return http::PlainUrl{.host = Reachable(address.value().host),
                        .port = address.value().port,
                        .path = std::string(kPath)};
}

Report Healthcheck(const http::PlainUrl& url, const Clock& clock) {
  const auto status = http::GetPlainStatus(url, clock.Mono() + kLimit, clock);
  if (!status.ok())
    return {.status = kFailed,
            .text = "no answer: " + status.error().message + "\n"};
  if (status.value() != kHealthyStatus) {
    return {.status = kFailed,
            .text = "not healthy: " + url.Authority() + " answers HTTP " +
                    std::to_string(status.value()) + "\n"};
  }
  return {.text = "healthy\n"};
}

}  // namespace serverspace::app
