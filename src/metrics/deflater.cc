#include "metrics/deflater.h"

#include <new>
// Makes next_in a pointer to const.
#define ZLIB_CONST
#include <zlib.h>

namespace serverspace::metrics {

struct Deflater::Stream {
  z_stream z{};
};

Deflater::Deflater(int level) : stream_(std::make_unique<Stream>()) {
  constexpr int kRaw = -15;  // the largest window, without header and trailer
  constexpr int kMemory = 8;
  if (deflateInit2(&stream_->z, level, Z_DEFLATED, kRaw, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
}

Deflater::~Deflater() { deflateEnd(&stream_->z); }

Deflated Deflater::Deflate(std::span<const std::string_view> plain) {
  Deflated result;
  for (const std::string_view part : plain) result.plain_bytes += part.size();

  z_stream& z = stream_->z;
  deflateReset(&z);
  // What deflateBound promises holds for one stream with a trailer, and that is
  // more than the marker of a full flush takes.
  scratch_.resize(deflateBound(&z, result.plain_bytes) + 16);
  z.next_out = reinterpret_cast<Bytef*>(scratch_.data());
  z.avail_out = static_cast<uInt>(scratch_.size());
  uLong crc = crc32(0, nullptr, 0);
  for (const std::string_view part : plain) {
    const auto* bytes = reinterpret_cast<const Bytef*>(part.data());
    crc = crc32_z(crc, bytes, part.size());
    z.next_in = bytes;
    z.avail_in = static_cast<uInt>(part.size());
    deflate(&z, Z_NO_FLUSH);
  }
  deflate(&z, Z_FULL_FLUSH);
  if (z.avail_in != 0 || z.avail_out == 0) throw std::bad_alloc();

  result.crc32 = static_cast<std::uint32_t>(crc);
  result.bytes.assign(scratch_, 0, scratch_.size() - z.avail_out);
  ++pieces_;
  return result;
}

}  // namespace serverspace::metrics
