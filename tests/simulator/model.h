#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "simulator/options.h"
#include "simulator/sim_clock.h"

// What a project owns, as plain data. The members follow the API reference,
// sections 2.3 to 2.16; how they look on the wire is the business of the
// render_* files.

namespace serverspace::sim {

/// States of vStack objects (API reference 2.4); a test may set any other text.
inline constexpr const char* kNew = "New";
inline constexpr const char* kActive = "Active";
inline constexpr const char* kBusy = "Busy";
inline constexpr const char* kBlocked = "Blocked";

struct Volume {
  std::int64_t id = 0;
  std::string name;
  std::int64_t size_mb = 0;
  Time created;
};

struct Nic {
  std::int64_t id = 0;
  std::string network_id;
  bool is_public = false;
  std::string mac;
  std::string ip_address;  // empty while the server is New
  int mask = 24;
  std::string gateway;
  std::int64_t bandwidth_mbps = 0;
};

struct Component {
  std::string name;
  std::string kind;
  std::string observed_status;
  std::string address;
};

struct Installation {
  std::string id;
  std::string state;
  std::string outcome_reason;
  std::optional<Time> installed_at;
  std::string service;
  std::string address;
  std::vector<Component> components;
  std::string app_login;
  std::string app_password;
  std::string llm_key_id;
};

struct Snapshot {
  std::int64_t id = 0;
  std::string name;
  std::int64_t size_mb = 0;
  Time created;
};

struct RestorePoint {
  std::int64_t id = 0;
  std::string name;
  std::int64_t size_mb = 0;
  std::string state;
  std::optional<std::int64_t> backup_storage_id;
  std::optional<Time> created;
  std::optional<Time> keep_until;
  std::vector<std::string> retained_by;
  bool is_manual = false;
};

struct Backup {
  bool enabled = false;
  std::string schedule;  // JSON as the client gave it; empty with enabled = the
                         // older backup model
  std::vector<RestorePoint> restore_points;
};

struct Server {
  std::string id;
  std::string location_id;
  std::string image_id;
  std::string name;
  int cpu = 1;
  std::int64_t ram_mb = 1024;
  std::string state = kActive;
  bool is_power_on = true;
  Time created;
  std::vector<Volume> volumes;
  std::vector<Nic> nics;
  std::string login;
  std::string password;
  std::vector<std::int64_t> ssh_key_ids;
  std::vector<std::string> tags;
  std::vector<std::string> application_ids;
  std::optional<std::vector<Installation>>
      installations;  // absent, empty and filled are distinct on the wire
  std::string affinity_group_id;
  std::vector<Snapshot> snapshots;
  Backup backup;
};

struct Network {
  std::string id;
  std::string location_id;
  std::string name;
  std::string description;
  std::string network_prefix;
  int mask = 24;
  std::string state = kActive;
  Time created;
  std::vector<std::string> tags;
};

struct GatewayNic {
  std::int64_t id = 0;
  std::string network_id;
  std::string ip_address;
  std::int64_t bandwidth_mbps = 0;
};

struct Gateway {
  std::string id;
  std::string location_id;
  std::string name;
  std::string state = kActive;
  bool powered_on = true;
  std::vector<GatewayNic> nics;
  std::string nat_rules = "[]";       // JSON as the client gave it
  std::string firewall_rules = "[]";  // JSON as the client gave it
  Time created;
  std::vector<std::string> tags;
};

struct DnsRecord {
  std::int64_t id = 0;
  std::string members;  // the members after `id`, as JSON without braces
};

struct Domain {
  std::string name;  // lower case, with the trailing dot
  bool is_delegated = false;
  std::vector<DnsRecord> records;
};

struct SshKey {
  std::int64_t id = 0;
  std::string name;
  std::string public_key;
};

struct AffinityGroup {
  std::string id;
  std::string location_id;
  std::string name;
  bool affinity = false;
};

struct NodeGroup {
  std::int64_t id = 0;
  std::string name;
  int cpu_per_node = 1;
  std::int64_t ram_per_node = 1024;
  std::vector<std::string> nodes;
  bool ingress = false;
  std::string state = kActive;
  std::vector<std::string> tags;
};

struct Cluster {
  std::int64_t id = 0;
  std::string location_id;
  std::string name;
  std::string version;
  bool high_availability = false;
  std::vector<NodeGroup> node_groups;
  std::string state = kActive;
  std::vector<std::string> tags;
};

struct VmwareVolume {
  std::int64_t id = 0;
  std::string name;
  std::int64_t size_mb = 0;
  std::string disk_type;
};

struct VmwareNic {
  std::int64_t id = 0;
  std::int64_t network_id = 0;
  std::string ip;
  std::string mac;
  std::optional<std::int64_t> bandwidth_mbps;
};

struct VmwareGpu {
  std::int64_t model_id = 0;
  std::int64_t vram_mb = 0;
  int card_count = 1;
};

struct VmwareServer {
  std::int64_t id = 0;
  std::int64_t location_id = 0;
  std::string name;
  std::string computer_name;
  std::string state;
  int cpu = 1;
  std::int64_t ram_mb = 1024;
  std::int64_t system_disk_mb = 0;
  std::string system_disk_type;
  std::int64_t image_id = 0;
  bool is_power_on = true;
  bool nested_hypervisor = false;
  std::optional<VmwareGpu> gpu;
  std::vector<VmwareNic> nics;
  std::vector<VmwareVolume> volumes;
  std::optional<std::pair<std::string, Time>> snapshot;
  std::string firewall_rules = "[]";
  Time created;
  bool is_changing = false;  // not on the wire: there is no state for it
};

struct VmwareNetwork {
  std::int64_t id = 0;
  std::int64_t location_id = 0;
  std::string type;
  std::string name;
  std::string address;
  int mask = 24;
  std::string gateway;
  std::string edge_external_ip;
  std::optional<std::int64_t> bandwidth_mbps;
  bool is_dhcp = false;
  std::string state;
  std::string edge_firewall =
      R"({"enabled":false,"default_action":"deny","rules":[]})";
  std::string edge_nat = R"({"rules":[]})";
  bool is_changing = false;
  std::string edge_vpn = R"({"enabled":false,"tunnels":[]})";
};

/// The exact story of a project's money, in millionths: first + topups -
/// charges is always the balance.
struct Ledger {
  Money first;
  Money topups;
  Money charges;
};

/// Whether and how the project's key is refused.
enum class KeyState { kValid, kUnauthorized, kForbidden };

struct Project {
  std::string name;  // the simulator's own handle, not on the wire
  std::string key;
  KeyState key_state = KeyState::kValid;
  Generation generation = Generation::kG2;

  std::int64_t id = 0;
  Money balance;
  std::string currency;
  std::string state = kActive;
  Time created;
  Ledger ledger;
  /// What was used and is not charged yet, in micro-units times seconds of a
  /// month.
  std::int64_t uncharged = 0;
  Time charged_until;

  std::map<std::string, Server> servers;
  std::map<std::string, Network> networks;
  std::map<std::string, Gateway> gateways;
  std::map<std::string, Domain> domains;
  std::map<std::int64_t, SshKey> ssh_keys;
  std::map<std::string, AffinityGroup> affinity_groups;
  std::map<std::int64_t, Cluster> clusters;
  std::map<std::int64_t, VmwareServer> vmware_servers;
  std::map<std::int64_t, VmwareNetwork> vmware_networks;

  /// Grows with every change of an object, and makes the cached server list
  /// stale.
  std::uint64_t version = 1;
  std::uint64_t server_list_version = 0;
  std::shared_ptr<const std::string> server_list;
};

}  // namespace serverspace::sim
