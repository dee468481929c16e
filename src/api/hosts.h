#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/host_state.h"
#include "base/url.h"

namespace serverspace::api {

/// The states of all API hosts, each made when first asked for and kept until
/// it is removed. Threads may share it.
class Hosts {
 public:
  /// The arguments must outlive the hosts.
  Hosts(const HostState::Options& options, Clock& clock, Random& random,
        Observer& observer);
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  HostState& For(const HttpsUrl& url);
  /// Forgets a host, by the name that metrics show; nobody uses its state any
  /// more.
  void Remove(std::string_view name);

 private:
  const HostState::Options options_;
  Clock& clock_;
  Random& random_;
  Observer& observer_;
  std::mutex mutex_;  // guards states_
  std::map<std::string, std::unique_ptr<HostState>, std::less<>> states_;
};

}  // namespace serverspace::api
