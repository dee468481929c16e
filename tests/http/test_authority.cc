#include "http/test_authority.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace serverspace::http {
namespace {

constexpr long kDaySeconds = 86'400;

void Require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL refused a test certificate");
}

std::shared_ptr<EVP_PKEY> MakeKey() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr &&
          X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> MakeCertificate(const std::string& name, EVP_PKEY* key,
                                      X509* issuer, long from, long to) {
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr
                                              ? subject
                                              : X509_get_subject_name(issuer));
  return certificate;
}

}  // namespace

TestAuthority::TestAuthority()
    : key_(MakeKey()),
      certificate_(MakeCertificate("Test authority", key_.get(), nullptr,
                                   -kDaySeconds, kDaySeconds)) {
  AddExtension(certificate_.get(), certificate_.get(), NID_basic_constraints,
               "critical,CA:TRUE");
  Require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);

  std::string path =
      (std::filesystem::temp_directory_path() / "authority-XXXXXX").string();
  const int fd = mkstemp(path.data());
  Require(fd >= 0);
  FILE* file = fdopen(fd, "w");
  Require(file != nullptr && PEM_write_X509(file, certificate_.get()) == 1);
  fclose(file);
  ca_file_ = path;
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove(ca_file_, ignored);
}

TestAuthority::Identity TestAuthority::MakeIdentity(const std::string& names,
                                                    Validity validity) const {
  const auto key = MakeKey();
  const bool expired = validity == Validity::kExpired;
  const auto certificate =
      MakeCertificate("server", key.get(), certificate_.get(), -2 * kDaySeconds,
                      expired ? -kDaySeconds : kDaySeconds);
  if (validity == Validity::kEndless) {
    Require(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()),
                                      "99991231235959Z") == 1);
  }
  AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name,
               names);
  Require(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {key, certificate};
}

std::shared_ptr<SSL_CTX> TestAuthority::ServerContext(const std::string& names,
                                                      Validity validity) const {
  const Identity identity = MakeIdentity(names, validity);
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()),
                                   SSL_CTX_free);
  Require(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) ==
          1);
  Require(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1);
  return context;
}

void TestAuthority::Issue(const std::string& names,
                          const std::string& cert_file,
                          const std::string& key_file,
                          Validity validity) const {
  const Identity identity = MakeIdentity(names, validity);
  const std::shared_ptr<BIO> cert(BIO_new_file(cert_file.c_str(), "w"),
                                  BIO_free);
  Require(cert != nullptr &&
          PEM_write_bio_X509(cert.get(), identity.certificate.get()) == 1);
  const std::shared_ptr<BIO> key(BIO_new_file(key_file.c_str(), "w"), BIO_free);
  Require(key != nullptr &&
          PEM_write_bio_PrivateKey(key.get(), identity.key.get(), nullptr,
                                   nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace serverspace::http
