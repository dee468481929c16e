#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace serverspace::http {

/// Decompresses a gzip stream (RFC 1952) piece by piece. It knows what
/// cpp-httplib's own decoder does not tell: whether the stream came to its end.
class GzipDecoder {
 public:
  enum class Outcome { kOk, kRefused, kCorrupt };
  /// Takes the next bytes; false if it wants no more.
  using Sink = std::function<bool(std::string_view plain)>;

  GzipDecoder();
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  /// Hands on what the piece holds, some KiB at a time, until `sink` refuses.
  /// After anything but kOk the decoder is of no more use.
  Outcome Decode(std::string_view piece, const Sink& sink);

  /// True between members: the checksum of all that came was right.
  bool AtEnd() const { return at_end_; }

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;
  bool at_end_ = false;
};

}  // namespace serverspace::http
