#include <string>

#include "simulator/addresses.h"
#include "simulator/location.h"
#include "simulator/random.h"
#include "simulator/world.h"

namespace serverspace::sim {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

// The youngest seeded object is older than this, the oldest at most
// kOldestSeconds more.
constexpr Time kEpoch = sys_days(std::chrono::year(2025) / 1 / 1);
constexpr std::int64_t kOldestSeconds = 3LL * 365 * 86400;

constexpr const char* kRoles[] = {"web",   "db",    "api",  "cache",
                                  "queue", "build", "mail", "proxy"};
constexpr const char* kTags[] = {"prod",   "staging", "postgres", "frontend",
                                 "team-a", "team-b",  "cost:42",  "a,b"};
constexpr const char* kImages[] = {"Debian-12-X64", "Ubuntu-24.04-X64",
                                   "Rocky-9-X64", "Windows-Server 2022-X64"};
constexpr const char* kCurrencies[] = {"USD", "EUR", "KZT", "BRL"};
constexpr int kCpus[] = {1, 2, 4, 8};

/// A moment before the epoch with a fraction of 0 to 7 digits, as the
/// provider's serializer trims them.
Time SomeTime(Random& random) {
  const Time second = kEpoch - std::chrono::seconds(random.Between(
                                   std::int64_t{1}, kOldestSeconds));
  constexpr std::int64_t kSteps[] = {
      10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1, 1, 1, 1, 1};
  const std::int64_t step = random.Pick(kSteps);
  return second +
         Ticks(random.Between(std::int64_t{0}, 9'999'999) / step * step);
}

std::string Secret(World& world) {
  return "SIM-SECRET-" + std::to_string(world.NextNumber("secret"));
}

constexpr std::string_view kHome = "am2";

/// A snapshot and a backup with a copy in each state.
void SeedCopies(World& world, Server& server) {
  server.snapshots.push_back({.id = world.NextNumber("snapshot"),
                              .name = "pre-upgrade",
                              .size_mb = 51200,
                              .created = server.created + 24h});
  server.backup.enabled = true;
  server.backup.schedule =
      R"({"hour":3,"minute":15,"daily":{"keep":5,"backup_storage_id":6},"monthly":{"keep":6,)"
      R"("backup_storage_id":6,"day_of_month":"last"}})";
  const auto add = [&](std::string state, std::int64_t size_mb, Time created) {
    const std::int64_t id = world.NextNumber("restore_point");
    server.backup.restore_points.push_back(
        {.id = id,
         .name = "daily-" + std::to_string(id),
         .size_mb = size_mb,
         .state = std::move(state),
         .backup_storage_id = 6,
         .created = created,
         .keep_until = created + 168h,
         .retained_by = {"daily"},
         .is_manual = false});
  };
  add("active", 40960, kEpoch);
  add("failed", 0, kEpoch - 24h);
  server.backup.restore_points.push_back(
      {.id = world.NextNumber("restore_point"),
       .name = "before-migration",
       .size_mb = 0,
       .state = "in_progress",
       .backup_storage_id = {},
       .created = {},
       .keep_until = {},
       .retained_by = {},
       .is_manual = true});
}

void SeedKeys(World& world, Project& project) {
  for (int i = 0; i < 2; ++i) {
    const std::int64_t id = world.NextNumber("ssh_key");
    const std::string number = std::to_string(id);
    project.ssh_keys.emplace(
        id, SshKey{.id = id,
                   .name = "key-" + number,
                   .public_key = "ssh-ed25519 AAAASIMPUBKEY" + number +
                                 " ops@example.org"});
  }
}

void SeedNetworks(World& world, Project& project, Random& random) {
  const std::string location(kHome);
  for (const char* name : {"backend", "staging"}) {
    Network network;
    network.id = world.NextId(location, 'n');
    network.location_id = location;
    network.name = name;
    network.description = project.networks.empty() ? "database tier" : "";
    network.network_prefix =
        project.networks.empty() ? "10.20.0.0" : "10.30.0.0";
    network.created = SomeTime(random);
    if (project.networks.empty()) network.tags = {"prod"};
    project.networks.emplace(network.id, std::move(network));
  }
  const std::string& connected = project.networks.begin()->first;
  Gateway gateway;
  gateway.id = world.NextId(location, 'e');
  gateway.location_id = location;
  gateway.name = "edge";
  const std::int64_t uplink = world.NextNumber("gateway_nic");
  const std::int64_t inside = world.NextNumber("gateway_nic");
  gateway.nics = {{uplink, SharedNetworkId(kHome), "198.51.100.7", 100},
                  {inside, connected, "10.20.0.1", 0}};
  gateway.nat_rules =
      R"([{"type":"SNAT","protocol":"IP","source":"10.20.0.0/24","destination":"0.0.0.0/0","destination_port":0,)"
      R"("translated":"198.51.100.7","translated_port":0}])";
  gateway.firewall_rules =
      R"([{"action":"Allow","direction":"In","protocol":"TCP","source":"192.0.2.0/24","source_port":0,)"
      R"("destination":"10.20.0.4/32","destination_port":443}])";
  gateway.created = SomeTime(random);
  gateway.tags = {"prod"};
  project.gateways.emplace(gateway.id, std::move(gateway));
  const std::string group = world.NextId(location, 'g');
  project.affinity_groups.emplace(group, AffinityGroup{.id = group,
                                                       .location_id = location,
                                                       .name = "db-spread",
                                                       .affinity = false});
}

void SeedDomains(World& world, Project& project, std::size_t index) {
  const std::string number = std::to_string(index);
  Domain domain{.name = "p" + number + ".example.org.",
                .is_delegated = true,
                .records = {}};
  const std::string mail = "mx1." + domain.name;
  const auto add = [&](const std::string& members) {
    domain.records.push_back(
        {.id = world.NextNumber("record"), .members = members});
  };
  add(R"("name":"www.)" + domain.name +
      R"(","type":"A","ttl":"5m","ip":"203.0.113.24")");
  add(R"("name":")" + domain.name +
      R"(","type":"MX","ttl":"1h","mail_host":")" + mail + R"(","priority":0)");
  add(R"("name":")" + domain.name +
      R"(","type":"TXT","ttl":"1h","text":"\"v=spf1 mx -all\"")");
  project.domains.emplace(domain.name, domain);
  const std::string bare = "p" + number + ".example.net.";
  project.domains.emplace(
      bare, Domain{.name = bare, .is_delegated = false, .records = {}});
}

void SeedCluster(World& world, Project& project) {
  Cluster cluster;
  cluster.id = world.NextNumber("cluster");
  cluster.location_id = kHome;
  cluster.name = "shop";
  cluster.version = "1.29.4";
  cluster.high_availability = true;
  cluster.tags = {"prod"};
  cluster.node_groups.push_back(
      {.id = world.NextNumber("node_group"),
       .name = "workers",
       .cpu_per_node = 4,
       .ram_per_node = 8192,
       .nodes = {world.NextId(kHome, 's'), world.NextId(kHome, 's')},
       .ingress = true,
       .state = kActive,
       .tags = {}});
  project.clusters.emplace(cluster.id, std::move(cluster));
}

void SeedVmware(World& world, Project& project, Random& random) {
  VmwareNetwork network;
  network.id = world.NextNumber("vmware_network");
  network.location_id = 7;
  network.type = "routed_client";
  network.name = "erp-net";
  network.address = "10.60.0.0";
  network.gateway = "10.60.0.1";
  network.edge_external_ip = "198.51.100.90";
  network.bandwidth_mbps = 50;
  network.is_dhcp = true;
  network.state = "active";
  VmwareServer server;
  server.id = world.NextNumber("vmware_server");
  server.location_id = 7;
  server.name = "erp-app";
  server.computer_name = "ERP-APP";
  server.state = "active";
  server.cpu = 4;
  server.ram_mb = 16384;
  server.system_disk_mb = 102400;
  server.system_disk_type = "SSD";
  server.image_id = 52;
  const std::int64_t nic = world.NextNumber("vmware_nic");
  server.nics = {
      {nic, network.id, "10.60.0.12", MacAddress(nic), std::nullopt}};
  server.volumes = {
      {world.NextNumber("vmware_volume"), "data1", 512000, "SSD"}};
  server.snapshot.emplace("before-patch", kEpoch);
  server.created = std::chrono::floor<std::chrono::seconds>(SomeTime(random));
  VmwareServer unpaid = server;
  unpaid.id = world.NextNumber("vmware_server");
  unpaid.name = "ml-node";
  unpaid.computer_name.clear();
  unpaid.state = "need_money";
  unpaid.is_power_on = false;
  unpaid.image_id = 61;
  unpaid.gpu = VmwareGpu{.model_id = 2, .vram_mb = 40960, .card_count = 1};
  unpaid.nics.clear();
  unpaid.volumes.clear();
  unpaid.snapshot.reset();
  project.vmware_servers.emplace(server.id, std::move(server));
  project.vmware_servers.emplace(unpaid.id, std::move(unpaid));
  project.vmware_networks.emplace(network.id, std::move(network));
}

Installation MakeInstallation(World& world, Random& random,
                              const std::string& address) {
  Installation made;
  made.installed_at = kEpoch;
  if (random.OneIn(4)) {
    made.id = "blogtool";
    made.state = "Failed";
    made.outcome_reason = "DockerNotReady";
    return made;
  }
  made.id = "flowtool";
  made.state = "Installed";
  made.service = "web";
  made.address = "https://" + address;
  made.components = {{"web", "Web", "running", made.address},
                     {"store", "Database", "", ""}};
  made.app_login = Secret(world);
  made.app_password = Secret(world);
  made.llm_key_id = Secret(world);
  return made;
}

std::string ServerName(Random& random, std::size_t index) {
  const std::string number = std::to_string(index);
  // Names are user text: some need escaping or are not ASCII, and some repeat.
  switch (index % 50) {
    case 17:
      return "quoted \"" + number + "\" \\ slash";
    case 29:
      return "сервер-" + number;
    case 41:
    case 42:
      return "twin";
    default:
      return std::string(random.Pick(kRoles)) + "-" + number;
  }
}

}  // namespace

Server& SeedServer(World& world, Project& project, std::size_t index) {
  Random random(world.options().seed * 31 +
                static_cast<std::uint64_t>(project.id) * 1'000'003 + index);
  const Location& location =
      index == 0 ? *FindLocation(kHome)
                 : Locations()[random.Below(Locations().size())];
  Server server;
  server.id = world.NextId(location.id, 's');
  server.location_id = location.id;
  server.image_id = random.Pick(kImages);
  server.name = ServerName(random, index);
  server.cpu = random.Pick(kCpus);
  server.ram_mb = server.cpu * 2048;
  server.is_power_on = index % 10 != 7;
  server.created = SomeTime(random);
  const auto volumes = 1 + random.Below(3);
  for (std::uint64_t i = 0; i < volumes; ++i) {
    server.volumes.push_back(
        {.id = world.NextNumber("volume"),
         .name = i == 0 ? "boot" : "data" + std::to_string(i),
         .size_mb = random.Between(std::int64_t{3}, std::int64_t{20}) * 10240,
         .created = server.created + 30s});
  }
  std::string address = "10.20.0.4";
  if (!random.OneIn(10)) {
    const std::int64_t number = world.NextNumber("nic");
    address = PublicAddress(number);
    server.nics.push_back({.id = number,
                           .network_id = SharedNetworkId(location.id),
                           .is_public = true,
                           .mac = MacAddress(number),
                           .ip_address = address,
                           .mask = 24,
                           .gateway = kPublicGateway,
                           .bandwidth_mbps = 50});
  }
  if (location.id == kHome && index % 3 == 0 && !project.networks.empty()) {
    const std::int64_t number = world.NextNumber("nic");
    server.nics.push_back({.id = number,
                           .network_id = project.networks.begin()->first,
                           .is_public = false,
                           .mac = MacAddress(number),
                           .ip_address = PrivateAddress(number),
                           .mask = 24,
                           .gateway = "",
                           .bandwidth_mbps = 0});
    if (!project.affinity_groups.empty())
      server.affinity_group_id = project.affinity_groups.begin()->first;
  }
  if (index % 4 == 0) SeedCopies(world, server);
  const bool windows = server.image_id.starts_with("Windows");
  server.login = windows ? "Administrator" : "root";
  server.password = Secret(world);
  if (!windows && !project.ssh_keys.empty())
    server.ssh_key_ids = {project.ssh_keys.begin()->first};
  const auto tags = random.Below(4);
  for (std::uint64_t i = 0; i < tags; ++i)
    server.tags.emplace_back(kTags[(index + i) % std::size(kTags)]);
  if (random.OneIn(5)) {
    server.installations = {MakeInstallation(world, random, address)};
    server.application_ids = {server.installations->front().id};
  } else if (random.OneIn(2)) {
    server.installations.emplace();
  }
  world.Changed(project);
  const std::string id = server.id;
  return project.servers.emplace(id, std::move(server)).first->second;
}

void SeedProject(World& world, Project& project, std::size_t index) {
  Random random(world.options().seed * 1'000'003 + index);
  project.id = world.NextNumber("project");
  project.currency = kCurrencies[index % std::size(kCurrencies)];
  project.created = SomeTime(random);
  constexpr std::int64_t kCentMicros = 10'000;
  world.ResetLedger(
      project, Money::FromMicros(
                   random.Between(std::int64_t{5'000}, std::int64_t{200'000}) *
                   kCentMicros));
  SeedKeys(world, project);
  SeedNetworks(world, project, random);
  SeedDomains(world, project, index);
  SeedCluster(world, project);
  SeedVmware(world, project, random);
  for (std::size_t i = 0; i < world.options().servers_per_project; ++i)
    SeedServer(world, project, i);
}

}  // namespace serverspace::sim
