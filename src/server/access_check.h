#pragma once

#include <cstdint>
#include <functional>

#include "server/http_message.h"

namespace serverspace::server {

enum class Admission : std::uint8_t {
  kOpen,       ///< Nobody is asked who they are.
  kAdmitted,   ///< The peer has shown who it is.
  kRefused,    ///< It has not, or wrongly.
  kUndecided,  ///< Finding out takes its time.
};

/// Who may ask, decided on the head alone, before routing and before a body is
/// read. With no `at_once` everyone may.
struct AccessCheck {
  /// On the event loop, so it must not block.
  std::function<Admission(const Request&)> at_once;
  /// What `at_once` left undecided, on a thread of its own, because a password
  /// hash takes its time: whether to admit.
  std::function<bool(const Request&)> slowly;
};

}  // namespace serverspace::server
