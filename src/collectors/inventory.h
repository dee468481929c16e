#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/types.h"

namespace serverspace::collectors {

/// The few fields of a server that others need: service discovery, the page for
/// people, collectors that call per server.
struct InventoryServer {
  std::string id;
  std::string name;
  std::string location;
  std::string image;
  std::string state;
  std::vector<std::string> tags;
  std::vector<api::Nic> nics;
  std::optional<bool> power_on;
};

/// The last good list of a project's servers, without limit of age, and the
/// state of the project itself; nothing until there was one. Threads may share
/// it.
class Inventory {
 public:
  using Servers = std::shared_ptr<const std::vector<InventoryServer>>;

  Servers servers() const {
    std::lock_guard lock(mutex_);
    return servers_;
  }

  void Replace(std::vector<InventoryServer> servers) {
    Servers fresh = std::make_shared<const std::vector<InventoryServer>>(
        std::move(servers));
    std::lock_guard lock(mutex_);
    // After the swap the old list goes with `fresh`, and the lock before it.
    servers_.swap(fresh);
  }

  /// Empty until the project was read.
  std::string project_state() const {
    std::lock_guard lock(mutex_);
    return project_state_;
  }

  void SetProjectState(std::string state) {
    std::lock_guard lock(mutex_);
    project_state_ = std::move(state);
  }

  /// Nobody keeps the list any more.
  void Clear() {
    std::lock_guard lock(mutex_);
    servers_.reset();
  }

 private:
  mutable std::mutex mutex_;  // guards the rest
  Servers servers_;
  std::string project_state_;
};

}  // namespace serverspace::collectors
