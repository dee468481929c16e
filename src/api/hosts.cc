#include "api/hosts.h"

namespace serverspace::api {

Hosts::Hosts(const HostState::Options& options, Clock& clock, Random& random,
             Observer& observer)
    : options_(options), clock_(clock), random_(random), observer_(observer) {}

HostState& Hosts::For(const HttpsUrl& url) {
  const std::string name = url.Authority();
  std::lock_guard lock(mutex_);
  auto& state = states_[name];
  if (state == nullptr) {
    state =
        std::make_unique<HostState>(name, options_, clock_, random_, observer_);
  }
  return *state;
}

void Hosts::Remove(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto found = states_.find(name);
  if (found != states_.end()) states_.erase(found);
}

}  // namespace serverspace::api
