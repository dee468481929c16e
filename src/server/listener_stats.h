#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace serverspace::server {

/// Why a request or connection was turned away; the `reason` label of
/// `serverspace_exporter_http_rejected_total`.
enum class RejectReason : std::uint8_t {
  kBadRequest,       ///< 400, 417, 501, 505.
  kHeadTooLarge,     ///< 414, 431.
  kBodyRefused,      ///< 411, 413.
  kSlowRequest,      ///< Head or body not here in time.
  kNotReading,       ///< The peer does not take its answer.
  kConnectionLimit,  ///< Closed or refused at the cap.
  kDescriptorLimit,  ///< Closed because the process is out of descriptors.
  kHelperBusy,       ///< 503, the helper's queue is full.
  kUnauthorized,     ///< Refused by the access check.
  kTlsHandshake,     ///< Failed, not done in time or ended for another.
  kHandlerError,     ///< 500, a handler threw.
};
inline constexpr std::size_t kRejectReasonCount = 11;

/// The label value: `bad_request`.
std::string_view RejectReasonName(RejectReason reason);

/// A moment's counts of a listener.
struct ListenerStats {
  std::size_t connections = 0;  ///< Open now.
  std::uint64_t accepted = 0;   ///< Connections since start.
  std::uint64_t requests = 0;   ///< Complete requests since start.
  std::array<std::uint64_t, kRejectReasonCount> rejected{};

  std::uint64_t Rejected(RejectReason reason) const {
    return rejected[static_cast<std::size_t>(reason)];
  }
};

}  // namespace serverspace::server
