#pragma once

#include <string>
#include <string_view>

#include "http/transport.h"

namespace serverspace::http {

/// An error whose text is the bare cause. The transport adds host and stage at
/// its boundary, once.
TransportError Failure(Stage stage, ErrorCode code, std::string_view cause);

/// The system's words for an errno value, as a kNetwork error.
TransportError SystemFailure(Stage stage, int error_number);

/// An exchange that ran out of time (kTimeout) or was stopped (kCancelled).
TransportError Interrupted(Stage stage, ErrorCode code);

/// `api.example.com: connect: connection refused`.
TransportError WithContext(TransportError failure, std::string_view authority);

}  // namespace serverspace::http
