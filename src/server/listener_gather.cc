#include "server/listener_gather.h"

#include <algorithm>

namespace serverspace::server {
namespace {

// writev only reads from the piece; its type predates const.
iovec Piece(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

// Of each part, so much is fetched before it is copied: parts lie all over the
// memory, and the processor cannot foresee where the next one begins.
constexpr std::size_t kFetchedBytes = 192;
constexpr std::size_t kCacheLineBytes = 64;

}  // namespace

Gather::Gather(std::string_view head, std::span<const std::string_view> body)
    : rest_(head), parts_(body) {
  SkipEmpty();
}

std::span<iovec> Gather::Next(Pieces& pieces, std::size_t enough_bytes) const {
  std::size_t count = 0;
  std::size_t bytes = rest_.size();
  if (!rest_.empty()) pieces[count++] = Piece(rest_);
  for (const std::string_view part : parts_) {
    if (count == pieces.size() || bytes >= enough_bytes) break;
    if (part.empty()) continue;
    bytes += part.size();
    // Not in a function of its own: g++ takes one for pure and drops the call.
    const std::size_t fetched = std::min(part.size(), kFetchedBytes);
    for (std::size_t at = 0; at < fetched; at += kCacheLineBytes)
      __builtin_prefetch(part.data() + at);
    pieces[count++] = Piece(part);
  }
  return std::span(pieces).first(count);
}

void Gather::Advance(std::size_t bytes) {
  while (bytes > 0) {
    const std::size_t step = std::min(bytes, rest_.size());
    rest_.remove_prefix(step);
    bytes -= step;
    SkipEmpty();
  }
}

void Gather::SkipEmpty() {
  while (rest_.empty() && !parts_.empty()) {
    rest_ = parts_.front();
    parts_ = parts_.subspan(1);
  }
}

}  // namespace serverspace::server
