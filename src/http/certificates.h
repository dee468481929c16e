#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

// OpenSSL's name of an X509.
struct x509_st;

namespace serverspace::http {

struct CertificateDeleter {
  void operator()(x509_st* certificate) const;
};
using Certificate = std::unique_ptr<x509_st, CertificateDeleter>;

/// The certificates of a PEM file (RFC 7468), at least one. The error names the
/// path and what is wrong; nothing stays in OpenSSL's queue of errors, where it
/// would be taken for the fault of a connection.
Result<std::vector<Certificate>> ReadCertificates(const std::string& path,
                                                  std::size_t max_bytes);

}  // namespace serverspace::http
