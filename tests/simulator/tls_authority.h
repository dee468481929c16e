#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace serverspace::sim {

/// A throw-away certificate authority and one server certificate that it
/// signed, made in memory. Immutable once made; the context may be shared by
/// all connections. Throws std::runtime_error if OpenSSL refuses.
class TlsAuthority {
 public:
  /// The certificate is for localhost, 127.0.0.1, ::1 and `host_names` (names
  /// or addresses).
  explicit TlsAuthority(const std::vector<std::string>& host_names);
  ~TlsAuthority();
  TlsAuthority(const TlsAuthority&) = delete;
  TlsAuthority& operator=(const TlsAuthority&) = delete;

  const std::string& ca_pem() const { return ca_pem_; }
  SSL_CTX* context() const { return context_.get(); }

 private:
  struct ContextDeleter {
    void operator()(SSL_CTX* context) const;
  };

  std::string ca_pem_;
  std::unique_ptr<SSL_CTX, ContextDeleter> context_;
};

}  // namespace serverspace::sim
