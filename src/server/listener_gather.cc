#include "server/listener_gather.h"

#include <algorithm>

namespace serverspace::server {
namespace {

// writev only reads from the piece; its type predates const.
iovec Piece(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

// Parts lie all over the memory, so the processor cannot foresee where the next
// one begins; copying thousands of them, it would wait for each.
void FetchBeginning(std::string_view part) {
  constexpr std::size_t kLineBytes = 64;
  constexpr std::size_t kLines = 3;
  const std::size_t end = std::min(part.size(), kLines * kLineBytes);
  for (std::size_t at = 0; at < end; at += kLineBytes)
    __builtin_prefetch(part.data() + at);
}

}  // namespace

Gather::Gather(std::string_view head, std::span<const std::string_view> body)
    : rest_(head), parts_(body) {
  SkipEmpty();
}

std::span<iovec> Gather::Next(Pieces& pieces) const {
  std::size_t count = 0;
  if (!rest_.empty()) pieces[count++] = Piece(rest_);
  for (const std::string_view part : parts_) {
    if (count == pieces.size()) break;
    if (part.empty()) continue;
    FetchBeginning(part);
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
