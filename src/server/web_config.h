#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/problem.h"
#include "server/basic_auth.h"
#include "server/tls_server_context.h"
#include "server/tls_settings.h"

namespace serverspace::server {

/// Who may ask this exporter and how: the file of `--web.config.file`, in the
/// format that the exporters of the Prometheus project share (exporter-toolkit,
/// docs/web-configuration.md).
struct WebConfig {
  std::optional<TlsSettings> tls;
  /// Instead of our own security headers of these names.
  std::vector<std::pair<std::string, std::string>> headers;
  BasicAuth::Users users;
  std::vector<config::Problem> warnings;
  /// Where each setting of `tls` stands, by its key.
  std::map<std::string, config::Problem, std::less<>> places;
};

/// Reads the file as strictly as our own: everything wrong in it at once, each
/// with its place. Relative paths start from its directory. The files that it
/// names are not read. No problem shows a hash.
Result<WebConfig, std::vector<config::Problem>> ReadWebConfig(
    const std::string& path);

/// Reads the certificates and the key too; null without TLS.
Result<std::shared_ptr<const TlsServerContext>, std::vector<config::Problem>>
LoadTls(const WebConfig& config);

}  // namespace serverspace::server
