#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace serverspace::metrics {

/// A piece of a raw deflate stream (RFC 1951) that ends on a byte boundary and
/// refers to nothing before it, so that pieces can be put together in any
/// order; with what the gzip trailer needs of the plain bytes.
struct Deflated {
  std::string bytes;
  std::uint32_t crc32 = 0;
  std::uint64_t plain_bytes = 0;
};

/// The zlib state that makes such pieces, reused for all of them. One thread at
/// a time.
class Deflater {
 public:
  /// On pages of 50 000 servers level 1 is three times as fast as the default
  /// level 6 for a tenth more bytes.
  static constexpr int kDefaultLevel = 1;

  explicit Deflater(int level = kDefaultLevel);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  Deflated Deflate(std::span<const std::string_view> plain);

  /// How often it was asked, for tests and statistics.
  std::uint64_t pieces() const { return pieces_; }

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;
  std::string scratch_;
  std::uint64_t pieces_ = 0;
};

}  // namespace serverspace::metrics
