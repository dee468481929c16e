#pragma once

#include <string_view>

#include "base/clock.h"

namespace serverspace::api {

/// Hears what the client does on the wire, for metrics. Called from many
/// threads; must not block.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  /// One attempt ended. `route` is the template (`/servers/{id}/snapshots`),
  /// `code` the status as text, or the reason's name where there was no answer.
  virtual void OnAttempt(std::string_view route, std::string_view code,
                         Duration took) = 0;
  virtual void OnRetry() = 0;
  virtual void OnLimiterWait(std::string_view project, Duration waited) = 0;
  /// The host's clock minus ours, from the Date header (whole seconds, so half
  /// a second is noise).
  virtual void OnClockOffset(std::string_view host, Duration offset) = 0;
  virtual void OnCircuit(std::string_view host, bool open) = 0;
  /// A word that nobody knew, in `field` (`servers.state`).
  virtual void OnUnknownValue(std::string_view field) = 0;
  /// A member of the wrong type or an item without a required member, in
  /// `field`.
  virtual void OnBadItem(std::string_view field) = 0;
};

}  // namespace serverspace::api
