// How answers come: compressed bytes say the same however they are cut, what is
// compressed comes back, and heads are measured to the byte.

#include <optional>
#include <zlib.h>

#include "fuzz/input.h"
#include "http/gzip_decoder.h"
#include "http/head_guard.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace http = serverspace::http;
using Outcome = http::GzipDecoder::Outcome;

// A small stream can hold a thousand times its size.
constexpr std::size_t kMaxPlainBytes = 1 << 20;

struct Decoded {
  Outcome outcome = Outcome::kOk;
  bool at_end = false;
  std::string text;

  bool IsWhole() const { return outcome == Outcome::kOk && at_end; }
};

Decoded Decode(std::string_view bytes, std::size_t piece) {
  Decoded decoded;
  http::GzipDecoder decoder;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoded.outcome =
        decoder.Decode(bytes.substr(at, piece), [&](std::string_view plain) {
          if (plain.size() > kMaxPlainBytes - decoded.text.size()) return false;
          decoded.text += plain;
          return true;
        });
    if (decoded.outcome != Outcome::kOk) return decoded;
  }
  decoded.at_end = decoder.AtEnd();
  return decoded;
}

std::string Compress(std::string_view text, int level) {
  constexpr int kGzip = 15 + 16;
  constexpr int kMemory = 8;
  z_stream stream = {};
  Require(::deflateInit2(&stream, level, Z_DEFLATED, kGzip, kMemory,
                         Z_DEFAULT_STRATEGY) == Z_OK,
          "memory to compress");
  std::string bytes(::deflateBound(&stream, text.size()), '\0');
  stream.next_in =
      const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  Require(::deflate(&stream, Z_FINISH) == Z_STREAM_END, "room to compress");
  bytes.resize(bytes.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return bytes;
}

void ReadStream(std::string_view bytes, std::size_t piece) {
  const Decoded whole = Decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Decoded pieces = Decode(bytes, piece);
  Require(whole.outcome == pieces.outcome && whole.at_end == pieces.at_end,
          "cuts do not matter");
  Require(!whole.IsWhole() || whole.text == pieces.text, "nor to what is said");
}

void ReadBack(std::string_view text, std::size_t piece, int level) {
  const std::string bytes = Compress(text, level);
  const Decoded read = Decode(bytes, piece);
  Require(read.IsWhole() && read.text == text, "a text comes back");
  Require(!Decode(std::string_view(bytes).substr(0, bytes.size() - 1), piece)
               .IsWhole(),
          "a part is not taken for the whole");
  const Decoded twice = Decode(bytes + bytes, piece);
  Require(twice.IsWhole() && twice.text.size() == 2 * text.size(),
          "members follow each other");
}

/// More than the decoder hands on at a time.
std::string Repeat(std::string_view text) {
  constexpr std::size_t kMany = 40'000;
  std::string many;
  while (many.size() < kMany && !text.empty()) many += text;
  return many;
}

void ReadHead(std::string_view head) {
  http::HeadGuard guard;
  std::size_t line = 0;
  for (std::size_t at = 0; at < head.size(); ++at) {
    const bool is_status =
        head.substr(line, at + 1 - line).starts_with("HTTP/");
    const bool fits = at + 1 <= http::HeadGuard::kMaxHeadBytes &&
                      (!is_status || head[at] == '\n' ||
                       at + 1 - line <= http::HeadGuard::kMaxStatusLineBytes);
    const bool accepted = guard.Accept(head[at]);
    Require(accepted == fits, "a head is measured");
    if (!accepted) return;
    if (head[at] == '\n') line = at + 1;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kLevels = 10;
  Input input(data, size);
  const std::size_t piece = std::size_t{input.Byte()} + 1;
  const int shape = input.Byte();
  const int level = shape % kLevels;
  // Long ones take their time.
  const bool is_long = shape >= 224;
  ReadStream(input.Rest(), piece);
  ReadBack(is_long ? Repeat(input.Rest()) : std::string(input.Rest()), piece,
           level);
  ReadHead(input.Rest());
  return 0;
}
