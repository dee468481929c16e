#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serverspace::collectors {

/// The few fields of a server, vStack or VMware, that others need: service
/// discovery, the page for people, collectors that call per server.
struct InventoryServer {
  std::string id;
  std::string name;
  std::string location;
  std::string image;
  std::string state;
  std::vector<std::string> tags;
  std::string public_ip;   ///< IPv4; empty if it has none.
  std::string private_ip;  ///< The same.
  std::optional<bool> power_on;

  bool operator==(const InventoryServer&) const = default;
};

/// The last good lists of a project's servers, without limit of age, and the
/// state of the project itself; nothing until there was one. Threads may share
/// it.
class Inventory {
 public:
  /// Never changes, and a list that says the same stays the same object: who
  /// made something of it need not make it again.
  using Servers = std::shared_ptr<const std::vector<InventoryServer>>;

  Servers servers() const { return Get(servers_); }
  Servers vmware_servers() const { return Get(vmware_servers_); }

  void Replace(std::vector<InventoryServer> servers) {
    Put(servers_, std::move(servers));
  }
  void ReplaceVmware(std::vector<InventoryServer> servers) {
    Put(vmware_servers_, std::move(servers));
  }

  /// Empty until the project was read.
  std::string project_state() const {
    std::lock_guard lock(mutex_);
    return project_state_;
  }
  /// What the project says of itself. Another id than before means that the key
  /// opens another project now: the lists of the former one go.
  void SetProject(std::string_view id, std::string state) {
    Servers servers;  // these two go after the lock
    Servers vmware_servers;
    std::lock_guard lock(mutex_);
    if (!project_id_.empty() && project_id_ != id) {
      servers_.swap(servers);
      vmware_servers_.swap(vmware_servers);
      ++moves_;
    }
    project_id_ = id;
    project_state_ = std::move(state);
  }
  /// How often that was so. What was read before the last time, or began to be,
  /// may be of another project.
  std::uint64_t moves() const {
    std::lock_guard lock(mutex_);
    return moves_;
  }

  /// Nobody keeps the list any more.
  void Clear() { Drop(servers_); }
  void ClearVmware() { Drop(vmware_servers_); }

 private:
  Servers Get(const Servers& list) const {
    std::lock_guard lock(mutex_);
    return list;
  }

  void Put(Servers& list, std::vector<InventoryServer> servers) {
    const Servers known = Get(list);
    if (known != nullptr && *known == servers) return;
    Servers fresh = std::make_shared<const std::vector<InventoryServer>>(
        std::move(servers));
    std::lock_guard lock(mutex_);
    // After the swap the old list goes with `fresh`, and the lock before it.
    list.swap(fresh);
  }

  void Drop(Servers& list) {
    std::lock_guard lock(mutex_);
    list.reset();
  }

  mutable std::mutex mutex_;  // guards the rest
  Servers servers_;
  Servers vmware_servers_;
  std::string project_id_;
  std::string project_state_;
  std::uint64_t moves_ = 0;
};

}  // namespace serverspace::collectors
