#include "http/certificates.h"

#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"

namespace serverspace::http {

void CertificateDeleter::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

Result<std::vector<Certificate>> ReadCertificates(const std::string& path,
                                                  std::size_t max_bytes) {
  const auto text = ReadFile(path, max_bytes);
  if (!text.ok()) return text.error();
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(text.value().data(),
                      static_cast<int>(text.value().size())),
      &BIO_free_all);
  std::vector<Certificate> certificates;
  for (;;) {
    Certificate certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of the file shows as a missing start line; anything else is damage.
  const bool is_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  const auto bad = [&path](std::string_view what) {
    return Error{ErrorCode::kInvalidInput, path + " " + std::string(what)};
  };
  if (!is_end) return bad("holds a damaged PEM certificate");
  if (certificates.empty()) return bad("holds no PEM certificate");
  return certificates;
}

}  // namespace serverspace::http
