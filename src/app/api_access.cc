#include "app/api_access.h"

#include <random>

namespace serverspace::app {

std::map<std::string, Duration> ApiAccess::Offsets::Get() const {
  std::lock_guard lock(mutex_);
  return by_host_;
}

void ApiAccess::Offsets::OnClockOffset(std::string_view host, Duration offset) {
  std::lock_guard lock(mutex_);
  by_host_.insert_or_assign(std::string(host), offset);
}

ApiAccess::ApiAccess(const config::ApiSettings& settings,
                     http::Transport& transport, Clock& clock)
    : settings_(settings),
      transport_(transport),
      clock_(clock),
      random_(std::random_device{}()),
      drift_(offsets_),
      hosts_({}, clock_, random_, offsets_),
      admission_({}, [] {}) {}

std::unique_ptr<api::ProjectClient> ApiAccess::MakeClient(
    const config::ProjectSettings& project, int max_attempts) {
  admission_.AddProject(project.name, project.base_url.Authority());
  return std::make_unique<api::HttpProjectClient>(
      api::ClientOptions{
          .project = project.name,
          .base = project.base_url,
          .attempt_timeout = settings_.timeout,
          .max_attempts = max_attempts,
          .limiter = {.per_second = settings_.max_requests_per_second}},
      [key = project.key.key] { return key; },
      api::ClientContext{.transport = transport_,
                         .host = hosts_.For(project.base_url),
                         .admission = admission_,
                         .drift = drift_,
                         .observer = offsets_,
                         .clock = clock_,
                         .random = random_});
}

std::map<std::string, Duration> ApiAccess::ClockOffsets() const {
  return offsets_.Get();
}

}  // namespace serverspace::app
