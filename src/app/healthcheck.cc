#include "app/healthcheck.h"

#include <chrono>
#include <utility>

#include "server/basic_auth.h"
#include "server/listener_address.h"
#include "server/web_config.h"

namespace serverspace::app {
namespace {

using Problems = std::vector<config::Problem>;

constexpr Duration kLimit = std::chrono::seconds(5);
constexpr int kHealthyStatus = 200;
constexpr int kBadRequestStatus = 400;
constexpr int kUnauthorizedStatus = 401;

std::string Reachable(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

Result<http::PageUrl, Problems> FindUrl(
    const std::optional<std::string>& url,
    const std::vector<std::string>& listen_addresses, bool tls) {
  if (url) {
    auto given = http::ParsePageUrl(*url);
    if (given.ok()) return std::move(given).value();
    return Problems{{"", 0, 0, "--url", given.error().message}};
  }
  if (listen_addresses.empty()) {
    return Problems{
        {"", 0, 0, "", "the socket unit says where to listen: give --url"}};
  }
  auto address = server::ParseListenAddress(listen_addresses.front());
  if (!address.ok()) return Problems{{"", 0, 0, "", address.error().message}};
  if (address.value().port == 0) {
    return Problems{
        {"", 0, 0, "", "port 0 is a different one each time: give --url"}};
  }
  return http::PageUrl{.tls = tls,
                       .host = Reachable(address.value().host),
                       .port = address.value().port,
                       .path = std::string(server::kHealthPath)};
}

bool DemandsCertificate(const server::TlsSettings& tls) {
  return tls.client_certificates == server::ClientCertificates::kRequired ||
         tls.client_certificates == server::ClientCertificates::kVerified;
}

/// Whether a port that calls plain HTTP a bad request answers over TLS. One
/// that demands a client certificate does not, but is no page of plain HTTP
/// either.
bool SpeaksTls(http::PageUrl url, MonoTime deadline, const Clock& clock) {
  url.tls = true;
  const auto status = http::GetStatus(url, "", deadline, clock);
  return status.ok() || status.error().code == ErrorCode::kTls;
}

}  // namespace

Result<HealthTarget, Problems> FindHealthTarget(
    const std::optional<std::string>& url, const config::WebSettings& web) {
  server::WebConfig rules;
  if (!web.config_file.empty()) {
    auto read = server::ReadWebConfig(web.config_file);
    if (!read.ok()) return std::move(read).error();
    rules = std::move(read).value();
  }
  auto found = FindUrl(url, web.listen_addresses, rules.tls.has_value());
  if (!found.ok()) return std::move(found).error();
  HealthTarget target{.url = std::move(found).value()};
  if (!rules.users.empty()) {
    target.authorization = server::BasicAuth::HealthAuthorization(rules.users);
  }
  target.demands_certificate =
      target.url.tls && rules.tls && DemandsCertificate(*rules.tls);
  return target;
}

Report Healthcheck(const HealthTarget& target, const Clock& clock) {
  const auto fail = [](const std::string& text) {
    return Report{.status = kFailed, .text = text + "\n"};
  };
  if (target.demands_certificate) {
    return fail(
        "cannot be asked: its web configuration demands a client certificate; "
        "check that the port takes connections instead, or use "
        "client_auth_type VerifyClientCertIfGiven with basic_auth_users");
  }
  const MonoTime deadline = clock.Mono() + kLimit;
  const auto status =
      http::GetStatus(target.url, target.authorization, deadline, clock);
  if (!status.ok()) return fail("no answer: " + status.error().message);
  if (status.value() == kHealthyStatus) return {.text = "healthy\n"};
  if (status.value() == kBadRequestStatus && !target.url.tls &&
      SpeaksTls(target.url, deadline, clock)) {
    return fail(target.url.Authority() +
                " speaks TLS: give the exporter's own --web.config.file (or "
                "SERVERSPACE_WEB_CONFIG_FILE) to the check");
  }
  std::string text = "not healthy: " + target.url.Authority() +
                     " answers HTTP " + std::to_string(status.value());
  if (status.value() == kUnauthorizedStatus) {
    text += target.authorization.empty()
                ? ": it wants a password; give the exporter's own "
                  "--web.config.file to the check"
                : ": it has other basic_auth_users than this "
                  "--web.config.file";
  }
  return fail(text);
}

}  // namespace serverspace::app
