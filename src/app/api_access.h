#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/admission.h"
#include "api/drift.h"
#include "api/hosts.h"
#include "api/http_project_client.h"
#include "api/observer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "http/transport.h"

namespace serverspace::app {

/// The API for a command that asks a question or two and ends: clients as the
/// exporter has them, without polling and pages. Threads may share it.
class ApiAccess {
 public:
  /// All outlive it, and it outlives its clients.
  ApiAccess(const config::ApiSettings& settings, http::Transport& transport,
            Clock& clock);
  ApiAccess(const ApiAccess&) = delete;
  ApiAccess& operator=(const ApiAccess&) = delete;

  /// One that sends each request at most `max_attempts` times.
  std::unique_ptr<api::ProjectClient> MakeClient(
      const config::ProjectSettings& project, int max_attempts);

  /// The clocks of the hosts that answered minus ours.
  std::map<std::string, Duration> ClockOffsets() const;

 private:
  class Offsets final : public api::Observer {
   public:
    std::map<std::string, Duration> Get() const;

    void OnAttempt(std::string_view, std::string_view, Duration) override {}
    void OnRetry() override {}
    void OnLimiterWait(std::string_view, Duration) override {}
    void OnClockOffset(std::string_view host, Duration offset) override;
    void OnCircuit(std::string_view, bool) override {}
    void OnUnknownValue(std::string_view) override {}
    void OnBadItem(std::string_view) override {}

   private:
    mutable std::mutex mutex_;  // guards by_host_
    std::map<std::string, Duration> by_host_;
  };

  const config::ApiSettings& settings_;
  http::Transport& transport_;
  Clock& clock_;
  Random random_;
  Offsets offsets_;
  api::Drift drift_;
  api::Hosts hosts_;
  api::Admission admission_;
};

}  // namespace serverspace::app
