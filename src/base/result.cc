#include "base/result.h"

namespace serverspace {

ErrorCode ReasonOf(ErrorCode code) {
  if (code == ErrorCode::kForbidden) return ErrorCode::kAuth;
  return static_cast<int>(code) < kReasonCount ? code : ErrorCode::kOther;
}

std::string_view ReasonName(ErrorCode code) {
  constexpr std::array<std::string_view, kReasonCount> kNames = {
      "auth", "rate_limited", "timeout",      "network",
      "tls",  "server_error", "bad_response", "other"};
  return kNames.at(static_cast<std::size_t>(ReasonOf(code)));
}

}  // namespace serverspace
