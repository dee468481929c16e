#include "base/result.h"

namespace serverspace {

std::string_view ReasonName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAuth:
    case ErrorCode::kForbidden:
      return "auth";
    case ErrorCode::kRateLimited:
      return "rate_limited";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kNetwork:
      return "network";
    case ErrorCode::kTls:
      return "tls";
    case ErrorCode::kServerError:
      return "server_error";
    case ErrorCode::kBadResponse:
      return "bad_response";
    case ErrorCode::kOther:
    case ErrorCode::kNotFound:
    case ErrorCode::kCancelled:
    case ErrorCode::kInvalidInput:
    case ErrorCode::kTooManyCalls:
    case ErrorCode::kNoRoom:
      break;
  }
  return "other";
}

}  // namespace serverspace
