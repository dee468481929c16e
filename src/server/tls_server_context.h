#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "server/tls_settings.h"

struct bio_method_st;
struct ssl_ctx_st;

namespace serverspace::server {

/// The certificate, the key and the rules with which new connections are
/// secured. Immutable; threads may share one, and connections keep theirs alive
/// when another takes its place.
class TlsServerContext {
 public:
  struct Problem {
    std::string_view setting;  ///< `key_file`.
    std::string message;       ///< Names files, shows nothing of them.
  };

  /// Reads the files of the settings.
  static Result<std::shared_ptr<const TlsServerContext>, Problem> Load(
      const TlsSettings& settings);

  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  /// When the server's own certificate ends.
  WallTime expires() const { return expires_; }
  bool verifies_clients() const { return verifies_clients_; }
  const std::vector<std::string>& allowed_sans() const { return allowed_sans_; }

  /// OpenSSL counts references in it and locks for itself, so that a session
  /// may be made from a const context.
  ssl_ctx_st* native() const { return context_.get(); }
  const bio_method_st* socket_method() const { return method_.get(); }

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
    void operator()(bio_method_st* method) const;
  };

  explicit TlsServerContext(const TlsSettings& settings);
  void SetRules(const TlsSettings& settings);
  Result<void, Problem> SetAlgorithms(const TlsSettings& settings);
  Result<void, Problem> SetIdentity(const TlsSettings& settings);
  Result<void, Problem> SetClientAuthorities(const std::string& path);

  std::unique_ptr<bio_method_st, Deleter> method_;
  std::unique_ptr<ssl_ctx_st, Deleter> context_;
  std::vector<std::string> allowed_sans_;
  bool verifies_clients_;
  WallTime expires_{};
};

}  // namespace serverspace::server
