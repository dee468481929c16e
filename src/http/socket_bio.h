#pragma once

struct bio_st;
struct bio_method_st;

namespace serverspace::http {

/// OpenSSL's own socket BIO writes with write(), so a peer that has gone ends
/// the process by SIGPIPE. This one asks for an error instead. The caller owns
/// the method, which must outlive its BIOs.
bio_method_st* MakeSocketMethod();

/// A BIO on a non-blocking socket that it does not own.
bio_st* NewSocketBio(const bio_method_st* method, int fd);

}  // namespace serverspace::http
