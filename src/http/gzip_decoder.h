#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace serverspace::http {

/// Decompresses a gzip stream (RFC 1952) piece by piece. It knows what
/// cpp-httplib's own decoder does not tell: whether the stream came to its end.
class GzipDecoder {
 public:
  enum class Outcome { kOk, kTooLarge, kCorrupt };

  GzipDecoder();
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  /// Appends what the piece holds. Stops with kTooLarge before `out` grows
  /// beyond `max_bytes`. After anything but kOk the decoder is of no more use.
  Outcome Decode(std::string_view piece, std::string& out,
                 std::size_t max_bytes);

  /// True between members: the checksum of all that came was right.
  bool AtEnd() const { return at_end_; }

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;
  bool at_end_ = false;
};

}  // namespace serverspace::http
