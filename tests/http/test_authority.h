#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace serverspace::http {

/// A certificate authority made for one test, and servers' certificates signed
/// by it. Removes its file when it goes.
class TestAuthority {
 public:
  enum class Validity {
    kCurrent,
    kExpired,
    kEndless,  ///< In the words of RFC 5280 4.1.2.5.
  };

  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// The authority's certificate as PEM.
  const std::string& ca_file() const { return ca_file_; }

  /// A server's context with a certificate for names such as
  /// `DNS:api.example.com` or `IP:127.0.0.1`.
  std::shared_ptr<SSL_CTX> ServerContext(
      const std::string& names, Validity validity = Validity::kCurrent) const;

  /// Writes a certificate for such names, and its key, as PEM. Servers and
  /// clients may use it.
  void Issue(const std::string& names, const std::string& cert_file,
             const std::string& key_file,
             Validity validity = Validity::kCurrent) const;

 private:
  struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
  };
  Identity MakeIdentity(const std::string& names, Validity validity) const;

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::string ca_file_;
};

}  // namespace serverspace::http
