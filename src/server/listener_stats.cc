#include "server/listener_stats.h"

namespace serverspace::server {

std::string_view RejectReasonName(RejectReason reason) {
  switch (reason) {
    case RejectReason::kBadRequest:
      return "bad_request";
    case RejectReason::kHeadTooLarge:
      return "head_too_large";
    case RejectReason::kBodyRefused:
      return "body_refused";
    case RejectReason::kSlowRequest:
      return "slow_request";
    case RejectReason::kNotReading:
      return "not_reading";
    case RejectReason::kConnectionLimit:
      return "connection_limit";
    case RejectReason::kDescriptorLimit:
      return "descriptor_limit";
    case RejectReason::kHelperBusy:
      return "helper_busy";
    case RejectReason::kUnauthorized:
      return "unauthorized";
    case RejectReason::kTlsHandshake:
      return "tls_handshake";
    case RejectReason::kHandlerError:
      return "handler_error";
  }
  return "bad_request";
}

}  // namespace serverspace::server
