#include "http/failure.h"

#include <system_error>

#include "base/text.h"

namespace serverspace::http {
namespace {

std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kResolve:
      return "resolve";
    case Stage::kLocal:
    case Stage::kConnect:
      return "connect";
    case Stage::kTls:
      return "tls";
    case Stage::kExchange:
      break;
  }
  return "exchange";
}

}  // namespace

TransportError Failure(Stage stage, ErrorCode code, std::string_view cause) {
  return {{code, std::string(cause)}, stage};
}

TransportError SystemFailure(Stage stage, int error_number) {
  return Failure(stage, ErrorCode::kNetwork,
                 ToLower(std::generic_category().message(error_number)));
}

TransportError Interrupted(Stage stage, ErrorCode code) {
  return Failure(stage, code,
                 code == ErrorCode::kCancelled ? "cancelled" : "timed out");
}

TransportError WithContext(TransportError failure, std::string_view authority) {
  std::string text(authority);
  text += ": ";
  text += StageName(failure.stage);
  text += ": ";
  failure.error.message.insert(0, text);
  return failure;
}

}  // namespace serverspace::http
