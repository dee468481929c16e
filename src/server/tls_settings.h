#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace serverspace::server {

/// What is asked of clients, in the words of Go's crypto/tls, which the web
/// configuration uses. Only the last two say who a client is.
enum class ClientCertificates : std::uint8_t {
  kNone,             ///< NoClientCert.
  kRequested,        ///< RequestClientCert: any, unverified.
  kRequired,         ///< RequireAnyClientCert: unverified too.
  kVerifiedIfGiven,  ///< VerifyClientCertIfGiven.
  kVerified,         ///< RequireAndVerifyClientCert.
};

/// Whether it is known who a client with a certificate is.
constexpr bool Verifies(ClientCertificates wanted) {
  return wanted >= ClientCertificates::kVerifiedIfGiven;
}

enum class TlsVersion : std::uint8_t { kTls12, kTls13 };

/// `tls_server_config` of a web configuration, in its own words.
struct TlsSettings {
  std::string cert_file;  ///< PEM; the server's first, then its chain.
  std::string key_file;   ///< PEM, not encrypted.
  ClientCertificates client_certificates = ClientCertificates::kNone;
  std::string client_ca_file;  ///< Whose clients' certificates are good.
  /// If there are any, a verified client must have one of them, exactly: a DNS
  /// name, an e-mail address, an IP address or a URI.
  std::vector<std::string> client_allowed_sans;
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::vector<std::string> cipher_suites;      ///< Of KnownCipherSuites().
  std::vector<std::string> curve_preferences;  ///< Of KnownCurves().
  bool prefer_server_cipher_suites = true;
};

/// The IANA names of the suites that may be chosen: those with forward secrecy
/// that Go offers too.
std::span<const std::string_view> KnownCipherSuites();
/// Go's names of the curves that may be chosen.
std::span<const std::string_view> KnownCurves();

}  // namespace serverspace::server
