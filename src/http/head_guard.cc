#include "http/head_guard.h"

#include <string_view>

namespace serverspace::http {

bool HeadGuard::Accept(char byte) {
  // Any line may be a status line: informational answers (RFC 9110, 15.2) put
  // several into one head.
  constexpr std::string_view kVersion = "HTTP/";
  if (line_bytes_ == 0) is_status_line_ = true;
  if (line_bytes_ < kVersion.size() && byte != kVersion[line_bytes_])
    is_status_line_ = false;

  ++head_bytes_;
  ++line_bytes_;
  if (byte == '\n') line_bytes_ = 0;
  return head_bytes_ <= kMaxHeadBytes &&
         !(is_status_line_ && line_bytes_ > kMaxStatusLineBytes);
}

}  // namespace serverspace::http
