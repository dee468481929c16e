#include "simulator/tls_authority.h"

#include <arpa/inet.h>
#include <stdexcept>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace serverspace::sim {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

void Require(bool ok, const char* step) {
  if (!ok)
    throw std::runtime_error(std::string("simulator TLS set-up failed: ") +
                             step);
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "key");
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Require(extension != nullptr, "extension");
  Require(X509_add_ext(certificate, extension.get(), -1) == 1, "add extension");
}

Certificate MakeCertificate(const char* common_name, EVP_PKEY* key,
                            X509* issuer) {
  Certificate certificate(X509_new());
  Require(certificate != nullptr, "certificate");
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);

  // A random serial: clients that keep a certificate database mind two CAs with
  // the same issuer and serial.
  unsigned char serial[8];
  Require(RAND_bytes(serial, sizeof(serial)) == 1, "serial");
  std::uint64_t number = 1;
  for (const unsigned char byte : serial)
    number = (number << 8 | byte) >> 1 | 1;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), number);

  constexpr long kDaySeconds = 86400;
  X509_gmtime_adj(X509_getm_notBefore(x509), -kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(x509), 30 * kDaySeconds);
  X509_set_pubkey(x509, key);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509_set_issuer_name(
      x509, issuer == nullptr ? name : X509_get_subject_name(issuer));
  return certificate;
}

bool IsAddress(const std::string& name) {
  in6_addr buffer;
  return inet_pton(AF_INET, name.c_str(), &buffer) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &buffer) == 1;
}

std::string SubjectAltNames(const std::vector<std::string>& host_names) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& name : host_names)
    names += (IsAddress(name) ? ",IP:" : ",DNS:") + name;
  return names;
}

std::string ToPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1,
          "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

void TlsAuthority::ContextDeleter::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

TlsAuthority::~TlsAuthority() = default;

TlsAuthority::TlsAuthority(const std::vector<std::string>& host_names) {
  const Key ca_key = MakeKey();
  const Certificate ca =
      MakeCertificate("serverspace simulator CA", ca_key.get(), nullptr);
  AddExtension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(ca.get(), ca.get(), NID_key_usage,
               "critical,keyCertSign,cRLSign");
  AddExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  Require(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0, "sign CA");

  const Key key = MakeKey();
  const Certificate leaf = MakeCertificate("localhost", key.get(), ca.get());
  AddExtension(leaf.get(), ca.get(), NID_basic_constraints,
               "critical,CA:FALSE");
  AddExtension(leaf.get(), ca.get(), NID_key_usage,
               "critical,digitalSignature");
  AddExtension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth");
  AddExtension(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
  AddExtension(leaf.get(), ca.get(), NID_subject_alt_name,
               SubjectAltNames(host_names));
  Require(X509_sign(leaf.get(), ca_key.get(), EVP_sha256()) > 0,
          "sign certificate");

  ca_pem_ = ToPem(ca.get());
  context_.reset(SSL_CTX_new(TLS_server_method()));
  Require(context_ != nullptr, "context");
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  Require(SSL_CTX_use_certificate(context_.get(), leaf.get()) == 1,
          "use certificate");
  Require(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "use key");
}

}  // namespace serverspace::sim
