#pragma once

#include <cstddef>

namespace serverspace::http {

/// Watches the bytes of an answer's head and says when they are more than any
/// honest server sends. cpp-httplib 0.11.4 reads lines and headers without
/// limit, and matches the status line with a regular expression whose recursion
/// grows with the line until the stack ends.
class HeadGuard {
 public:
  static constexpr std::size_t kMaxHeadBytes = 64 * 1024;
  static constexpr std::size_t kMaxStatusLineBytes = 512;

  /// False once a limit is passed.
  bool Accept(char byte);

 private:
  std::size_t head_bytes_ = 0;
  std::size_t line_bytes_ = 0;
  bool is_status_line_ = false;
};

}  // namespace serverspace::http
