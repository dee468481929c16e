#include "http/gzip_decoder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <zlib.h>

namespace serverspace::http {

struct GzipDecoder::Stream {
  // 16 asks for the gzip format and no other, 15 for the largest window.
  Stream() {
    if (inflateInit2(&z, 16 + 15) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream z{};
};

GzipDecoder::GzipDecoder() : stream_(std::make_unique<Stream>()) {}
GzipDecoder::~GzipDecoder() = default;

GzipDecoder::Outcome GzipDecoder::Decode(std::string_view piece,
                                         const Sink& sink) {
  z_stream& z = stream_->z;
  std::array<Bytef, 16 * 1024> buffer;
  while (!piece.empty()) {
    if (at_end_) {
      inflateReset(&z);
      at_end_ = false;
    }
    const auto offered = static_cast<uInt>(
        std::min<std::size_t>(piece.size(), std::numeric_limits<uInt>::max()));
    // zlib does not write there; its interface is older than its const.
    z.next_in =
        const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece.data()));
    z.avail_in = offered;
    z.next_out = buffer.data();
    z.avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(&z, Z_NO_FLUSH);
    const std::size_t produced = buffer.size() - z.avail_out;
    // Z_BUF_ERROR: no progress; with input at hand that cannot come right.
    if (status != Z_OK && status != Z_STREAM_END) return Outcome::kCorrupt;
    if (!sink({reinterpret_cast<const char*>(buffer.data()), produced}))
      return Outcome::kRefused;
    piece.remove_prefix(offered - z.avail_in);
    at_end_ = status == Z_STREAM_END;
  }
  return Outcome::kOk;
}

}  // namespace serverspace::http
