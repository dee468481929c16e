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
  // As many as pay: a page's parts are some ten KiB each, and a socket takes
  // fewer than this in one call.
  std::array<iovec, 64> pieces_{};
};

}  // namespace serverspace::server
