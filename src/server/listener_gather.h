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
  /// The next pieces in order, at least one unless done; valid until the next
  /// call.
  std::span<iovec> Next();
  /// `bytes` of what Next gave are written.
  void Advance(std::size_t bytes);

 private:
  void SkipEmpty();

  std::string_view rest_;  // of the piece that is partly written
  std::span<const std::string_view> parts_;
  // As many as pay: the parts of a small plain page, one per family and source,
  // go in one call, and of a large one a socket takes fewer.
  std::array<iovec, 256> pieces_{};
};

}  // namespace serverspace::server
