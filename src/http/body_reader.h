#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/gzip_decoder.h"
#include "http/transport.h"

namespace serverspace::http {

/// Collects a body, decompressed, and refuses one beyond the cap: a small gzip
/// stream can hold a thousand times its size.
class BodyReader {
 public:
  explicit BodyReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// What is appended from here on is a gzip stream.
  void ExpectGzip() { gzip_.emplace(); }

  Result<void, TransportError> Append(std::string_view piece);

  /// The whole body. An error if the gzip stream had no end.
  Result<std::string, TransportError> Finish();

  TransportError TooLarge() const;
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  const std::size_t max_bytes_;
  std::optional<GzipDecoder> gzip_;
  bool started_ = false;
  std::string body_;
};

}  // namespace serverspace::http
