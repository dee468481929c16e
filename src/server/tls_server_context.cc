#include "server/tls_server_context.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <ctime>
#include <iterator>
#include <netinet/in.h>
#include <new>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/secret.h"
#include "http/certificates.h"
#include "http/socket_bio.h"

namespace serverspace::server {
namespace {

using Problem = TlsServerContext::Problem;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using http::Certificate;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
// What a client may send as its chain; 64 handshakes hold one each.
constexpr long kMaxChainBytes = 32 * 1024;
// With forward secrecy and authenticated encryption, as TLS 1.3 has them.
constexpr const char* kDefaultCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct CipherSuite {
  std::string_view name;
  std::string_view of_openssl;
  bool is_tls13 = false;
};

constexpr std::array kSuites = {
    CipherSuite{"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", true},
    CipherSuite{"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", true},
    CipherSuite{"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256",
                true},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "ECDHE-ECDSA-AES128-GCM-SHA256"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "ECDHE-ECDSA-AES256-GCM-SHA384"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "ECDHE-ECDSA-CHACHA20-POLY1305"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "ECDHE-RSA-AES256-GCM-SHA384"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "ECDHE-RSA-CHACHA20-POLY1305"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                "ECDHE-ECDSA-AES128-SHA"},
    CipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                "ECDHE-ECDSA-AES256-SHA"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    CipherSuite{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
};

struct Curve {
  std::string_view name;
  std::string_view of_openssl;
};

constexpr std::array kCurves = {
    Curve{"CurveP256", "P-256"}, Curve{"CurveP384", "P-384"},
    Curve{"CurveP521", "P-521"}, Curve{"X25519", "X25519"}};

template <typename Row, std::size_t size>
constexpr auto NamesOf(const std::array<Row, size>& rows) {
  std::array<std::string_view, size> names;
  std::ranges::transform(rows, names.begin(), &Row::name);
  return names;
}
constexpr auto kSuiteNames = NamesOf(kSuites);
constexpr auto kCurveNames = NamesOf(kCurves);

/// The rows' own names of `chosen`, joined by colons.
template <typename Rows>
std::string Join(const std::vector<std::string>& chosen, const Rows& rows,
                 const auto& wanted) {
  std::string list;
  for (const std::string& name : chosen) {
    const auto row =
        std::ranges::find(rows, name, [](const auto& r) { return r.name; });
    if (row == rows.end() || !wanted(*row)) continue;
    if (!list.empty()) list += ':';
    list += row->of_openssl;
  }
  return list;
}

int MinVersion(TlsVersion version) {
  return version == TlsVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

// The error queue belongs to the thread: what a file left there must not be
// taken for the fault of a connection.
Problem Bad(std::string_view setting, const std::string& path,
            std::string_view what) {
  ERR_clear_error();
  return {setting, path + " " + std::string(what)};
}

Result<std::vector<Certificate>, Problem> ReadCertificates(
    std::string_view setting, const std::string& path) {
  auto certificates = http::ReadCertificates(path, kMaxFileBytes);
  if (!certificates.ok()) return Problem{setting, certificates.error().message};
  return std::move(certificates).value();
}

// Without it OpenSSL would ask at the terminal.
int NoPassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<Key, Problem> ReadKey(const std::string& path) {
  constexpr std::string_view kSetting = "key_file";
  auto text = ReadFile(path, kMaxFileBytes);
  if (!text.ok()) return Problem{kSetting, text.error().message};
  const Secret secret(text.value());
  OPENSSL_cleanse(text.value().data(), text.value().size());
  const Bio bio(BIO_new_mem_buf(secret.Reveal().data(),
                                static_cast<int>(secret.Reveal().size())),
                &BIO_free_all);
  bool encrypted = false;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, &encrypted),
          &EVP_PKEY_free);
  if (key != nullptr) return key;
  if (encrypted) {
    return Bad(kSetting, path,
               "is encrypted: store the key without a pass phrase, readable by "
               "this service alone");
  }
  return Bad(kSetting, path, "holds no PEM private key");
}

/// Nothing if it cannot be read. RFC 5280 4.1.2.5: one without an end has the
/// year 9999, which is beyond WallTime and so its last moment.
std::optional<WallTime> EndOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
    return std::nullopt;
  using std::chrono::seconds;
  const auto first =
      std::chrono::ceil<seconds>(WallTime::min().time_since_epoch());
  const auto last =
      std::chrono::floor<seconds>(WallTime::max().time_since_epoch());
  return WallTime(std::clamp(seconds(::timegm(&end)), first, last));
}

std::string_view View(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The bytes of an IPv4 or IPv6 address, as a certificate has them.
std::string AddressBytes(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return {bytes.data(), sizeof(in_addr)};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
    return {bytes.data(), sizeof(in6_addr)};
  return {};
}

bool Is(const GENERAL_NAME& name, const std::string& allowed) {
  switch (name.type) {
    case GEN_DNS:
      return View(name.d.dNSName) == allowed;
    case GEN_EMAIL:
      return View(name.d.rfc822Name) == allowed;
    case GEN_URI:
      return View(name.d.uniformResourceIdentifier) == allowed;
    case GEN_IPADD: {
      const std::string bytes = AddressBytes(allowed);
      return !bytes.empty() && View(name.d.iPAddress) == bytes;
    }
    default:
      return false;
  }
}

bool HasAllowedName(const X509* certificate,
                    const std::vector<std::string>& allowed) {
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                        certificate, NID_subject_alt_name, nullptr, nullptr)),
                    &GENERAL_NAMES_free);
  if (names == nullptr) return false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
    if (std::ranges::any_of(
            allowed, [&](const std::string& a) { return Is(name, a); })) {
      return true;
    }
  }
  return false;
}

int AcceptAny(int, X509_STORE_CTX*) { return 1; }

int AcceptAllowed(int verified, X509_STORE_CTX* store) {
  if (verified != 1 || X509_STORE_CTX_get_error_depth(store) != 0)
    return verified;
  const auto* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* context = static_cast<const TlsServerContext*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
  if (HasAllowedName(X509_STORE_CTX_get_current_cert(store),
                     context->allowed_sans())) {
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned offered_size, void*) {
  // RFC 7301: names with their lengths before them.
  constexpr std::string_view kHttp11 = "http/1.1";
  const std::string_view list(reinterpret_cast<const char*>(offered),
                              offered_size);
  for (std::size_t at = 0; at < list.size();) {
    const auto length = static_cast<unsigned char>(list[at]);
    if (list.substr(at + 1, length) == kHttp11) {
      *chosen = offered + at + 1;
      *size = length;
      return SSL_TLSEXT_ERR_OK;
    }
    at += 1U + length;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

int VerifyMode(ClientCertificates wanted) {
  switch (wanted) {
    case ClientCertificates::kNone:
      return SSL_VERIFY_NONE;
    case ClientCertificates::kRequested:
    case ClientCertificates::kVerifiedIfGiven:
      return SSL_VERIFY_PEER;
    case ClientCertificates::kRequired:
    case ClientCertificates::kVerified:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

}  // namespace

std::span<const std::string_view> KnownCipherSuites() { return kSuiteNames; }

std::span<const std::string_view> KnownCurves() { return kCurveNames; }

void TlsServerContext::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void TlsServerContext::Deleter::operator()(bio_method_st* method) const {
  BIO_meth_free(method);
}

TlsServerContext::TlsServerContext(const TlsSettings& settings)
    : method_(http::MakeSocketMethod()),
      context_(SSL_CTX_new(TLS_server_method())),
      allowed_sans_(settings.client_allowed_sans),
      verifies_clients_(Verifies(settings.client_certificates)) {
  if (context_ == nullptr) throw std::bad_alloc();
  SSL_CTX_set_ex_data(native(), 0, this);
}

Result<std::shared_ptr<const TlsServerContext>, Problem> TlsServerContext::Load(
    const TlsSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<TlsServerContext> context(new TlsServerContext(settings));
  context->SetRules(settings);
  auto set = context->SetAlgorithms(settings);
  if (!set.ok()) return std::move(set).error();
  set = context->SetIdentity(settings);
  if (!set.ok()) return std::move(set).error();
  if (!settings.client_ca_file.empty()) {
    set = context->SetClientAuthorities(settings.client_ca_file);
    if (!set.ok()) return std::move(set).error();
  }
  return std::shared_ptr<const TlsServerContext>(std::move(context));
}

void TlsServerContext::SetRules(const TlsSettings& settings) {
  SSL_CTX* context = native();
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (settings.prefer_server_cipher_suites)
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections would keep 32 KiB of buffers each. A write that has to be
  // repeated may come from elsewhere: pages are put together anew each time.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
                                SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A flood of messages that are no data would be read in one call.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(context, 1);
  // Sessions are resumed by tickets alone, whose keys go with this context.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  constexpr std::string_view kSessions = "serverspace_exporter";
  SSL_CTX_set_session_id_context(
      context, reinterpret_cast<const unsigned char*>(kSessions.data()),
      kSessions.size());
  SSL_CTX_set_max_cert_list(context, kMaxChainBytes);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  const auto accept = !verifies_clients_      ? AcceptAny
                      : allowed_sans_.empty() ? nullptr
                                              : AcceptAllowed;
  SSL_CTX_set_verify(context, VerifyMode(settings.client_certificates), accept);
}

Result<void, Problem> TlsServerContext::SetAlgorithms(
    const TlsSettings& settings) {
  SSL_CTX* context = native();
  const auto is_tls13 = [](const CipherSuite& s) { return s.is_tls13; };
  const auto is_older = [](const CipherSuite& s) { return !s.is_tls13; };
  const std::string tls13 = Join(settings.cipher_suites, kSuites, is_tls13);
  const std::string older = Join(settings.cipher_suites, kSuites, is_older);
  // A list without a suite of TLS 1.2 leaves nothing to offer to it.
  const bool only_tls13 = !settings.cipher_suites.empty() && older.empty();
  if (only_tls13 && settings.max_version == TlsVersion::kTls12) {
    return Problem{"cipher_suites",
                   "holds no suite of TLS 1.2, and max_version allows no newer "
                   "one"};
  }
  SSL_CTX_set_min_proto_version(
      context, only_tls13 ? TLS1_3_VERSION : MinVersion(settings.min_version));
  SSL_CTX_set_max_proto_version(context, MinVersion(settings.max_version));
  if (SSL_CTX_set_cipher_list(
          context, older.empty() ? kDefaultCiphers : older.c_str()) != 1 ||
      (!tls13.empty() &&
       SSL_CTX_set_ciphersuites(context, tls13.c_str()) != 1)) {
    ERR_clear_error();
    return Problem{"cipher_suites", "OpenSSL of this machine has none of them"};
  }
  const std::string curves = Join(settings.curve_preferences, kCurves,
                                  [](const Curve&) { return true; });
  if (!curves.empty() &&
      SSL_CTX_set1_groups_list(context, curves.c_str()) != 1) {
    ERR_clear_error();
    return Problem{"curve_preferences",
                   "OpenSSL of this machine lacks one of them"};
  }
  return {};
}

Result<void, Problem> TlsServerContext::SetIdentity(
    const TlsSettings& settings) {
  SSL_CTX* context = native();
  const auto chain = ReadCertificates("cert_file", settings.cert_file);
  if (!chain.ok()) return chain.error();
  const auto key = ReadKey(settings.key_file);
  if (!key.ok()) return key.error();
  X509* own = chain.value().front().get();
  if (X509_check_private_key(own, key.value().get()) != 1) {
    return Bad("key_file", settings.key_file,
               "is not the key of the certificate in " + settings.cert_file);
  }
  if (SSL_CTX_use_certificate(context, own) != 1) {
    const bool weak =
        ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_EE_KEY_TOO_SMALL ||
        ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CA_MD_TOO_WEAK;
    return Bad("cert_file", settings.cert_file,
               weak ? "holds a certificate whose key or signature is too weak: "
                      "make one with P-256, or RSA of 2048 bits, and SHA-256"
                    : "holds a certificate that cannot be used");
  }
  if (SSL_CTX_use_PrivateKey(context, key.value().get()) != 1)
    return Bad("key_file", settings.key_file,
               "holds a key of an unusable kind");
  for (std::size_t i = 1; i < chain.value().size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain.value()[i].get()) != 1) {
      return Bad("cert_file", settings.cert_file,
                 "holds a certificate of the chain that cannot be used");
    }
  }
  const auto end = EndOf(own);
  if (!end) {
    return Bad("cert_file", settings.cert_file,
               "holds a certificate whose end cannot be read");
  }
  expires_ = *end;
  return {};
}

Result<void, Problem> TlsServerContext::SetClientAuthorities(
    const std::string& path) {
  const auto authorities = ReadCertificates("client_ca_file", path);
  if (!authorities.ok()) return authorities.error();
  X509_STORE* store = SSL_CTX_get_cert_store(native());
  // Whatever stands in the file is trusted, an intermediate authority too.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const Certificate& authority : authorities.value()) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(native(), authority.get()) != 1) {
      return Bad("client_ca_file", path,
                 "holds a certificate that cannot be used");
    }
  }
  return {};
}

}  // namespace serverspace::server
