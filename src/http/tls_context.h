#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct bio_method_st;
struct ssl_ctx_st;

namespace serverspace::http {

/// Whom this process trusts: the system's certificate authorities and those of
/// a file besides, loaded once and shared by every connection. Immutable;
/// threads may share one.
class TlsContext {
 public:
  /// `ca_file` may be empty. The error names the file.
  static Result<std::shared_ptr<const TlsContext>> Load(
      const std::string& ca_file);

  /// OpenSSL counts references in it and locks for itself, so that a session
  /// may be made from a const context.
  ssl_ctx_st* native() const { return context_.get(); }
  const bio_method_st* socket_method() const { return method_.get(); }

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
    void operator()(bio_method_st* method) const;
  };

  TlsContext();

  std::unique_ptr<bio_method_st, Deleter> method_;
  std::unique_ptr<ssl_ctx_st, Deleter> context_;
};

}  // namespace serverspace::http
