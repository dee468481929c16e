#include "simulator/gzip.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <zlib.h>

namespace serverspace::sim {
namespace {

class Compressor {
 public:
  Compressor() {
    constexpr int kGzipWindowBits = 15 + 16;
    constexpr int kDefaultMemory = 8;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits,
                     kDefaultMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("cannot start zlib");
    }
  }
  ~Compressor() { deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void Add(std::string_view text) { Run(text, Z_NO_FLUSH); }
  std::string Finish() {
    Run({}, Z_FINISH);
    return std::move(out_);
  }

 private:
  void Run(std::string_view text, int flush) {
    std::array<unsigned char, 16384> buffer;
    // zlib's input pointer is not const for historical reasons; it only reads.
    stream_.next_in =
        reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<unsigned>(text.size());
    do {
      stream_.next_out = buffer.data();
      stream_.avail_out = static_cast<unsigned>(buffer.size());
      deflate(&stream_, flush);
      out_.append(reinterpret_cast<const char*>(buffer.data()),
                  buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  std::string out_;
};

}  // namespace

std::string Gzip(std::string_view text) {
  Compressor compressor;
  compressor.Add(text);
  return compressor.Finish();
}

std::string GzipBomb(std::size_t bytes) {
  Compressor compressor;
  compressor.Add(R"({"padding":")");
  const std::string piece(1024 * 1024, 'x');
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t size = std::min(left, piece.size());
    compressor.Add(std::string_view(piece).substr(0, size));
    left -= size;
  }
  compressor.Add(R"("})");
  return compressor.Finish();
}

}  // namespace serverspace::sim
