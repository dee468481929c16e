#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace serverspace::server {

/// A head and the parts of a body on their way out: hands the next pieces to a
/// gathered write and remembers how far it came. Borrows all text.
class Gather {
 public:
  Gather(std::string_view head, std::span<const std::string_view> body);

  bool done() const { return rest_.empty() && parts_.empty(); }
  /// As many pieces at a time as pay: the parts of a small plain page, one per
  /// family and source, go in one call, and of a large one a socket takes
  /// fewer.
  using Pieces = std::array<iovec, 256>;

  /// The next pieces in order, at least one unless done, and none beyond those
  /// that make up `enough_bytes`; they are in `pieces`.
  std::span<iovec> Next(Pieces& pieces, std::size_t enough_bytes) const;
  /// `bytes` of what Next gave are written.
  void Advance(std::size_t bytes);

 private:
  void SkipEmpty();

  std::string_view rest_;  // of the piece that is partly written
  std::span<const std::string_view> parts_;
};

}  // namespace serverspace::server
