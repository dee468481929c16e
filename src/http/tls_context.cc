#include "http/tls_context.h"

#include <new>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/certificates.h"
#include "http/socket_bio.h"

namespace serverspace::http {
namespace {

Result<void> AddCertificates(const std::string& path, X509_STORE* store) {
  constexpr std::size_t kMaxBytes = 16UL * 1024 * 1024;
  const auto certificates = ReadCertificates(path, kMaxBytes);
  if (!certificates.ok()) return certificates.error();
  for (const Certificate& certificate : certificates.value()) {
    if (X509_STORE_add_cert(store, certificate.get()) == 1) continue;
    ERR_clear_error();
    return Error{ErrorCode::kInvalidInput,
                 path + " holds a certificate that cannot be used"};
  }
  return {};
}

}  // namespace

void TlsContext::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void TlsContext::Deleter::operator()(bio_method_st* method) const {
  BIO_meth_free(method);
}

TlsContext::TlsContext()
    : method_(MakeSocketMethod()), context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
}

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(
    const std::string& ca_file) {
  std::shared_ptr<TlsContext> context(new TlsContext());
  SSL_CTX* native = context->native();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  // Idle connections would keep 32 KiB of buffers each.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // A machine without the default bundle may live on ca_file alone.
  SSL_CTX_set_default_verify_paths(native);
  ERR_clear_error();
  if (!ca_file.empty()) {
    const auto added = AddCertificates(ca_file, SSL_CTX_get_cert_store(native));
    if (!added.ok()) {
      return Error{added.error().code, "ca_file: " + added.error().message};
    }
  }
  return std::shared_ptr<const TlsContext>(std::move(context));
}

}  // namespace serverspace::http
