#include <array>
#include <cstdio>
#include <string>

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

std::string Mac(std::int64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "ca:06:%02x:%02x:%02x:%02x",
                static_cast<unsigned>(number >> 24 & 0xff),
                static_cast<unsigned>(number >> 16 & 0xff),
                static_cast<unsigned>(number >> 8 & 0xff),
                static_cast<unsigned>(number & 0xff));
  return text.data();
}

/// Public addresses: first those for documentation, then the range for
/// benchmarks (RFC 2544), which is large.
std::string PublicAddress(std::int64_t number) {
  constexpr std::int64_t kDocumentation = 200;
  if (number < kDocumentation) return "203.0.113." + std::to_string(2 + number);
  return "198." + std::to_string(18 + (number >> 16) % 2) + "." +
         std::to_string(number >> 8 & 0xff) + "." +
         std::to_string(number & 0xff);
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
      return "twin";
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
  const Location& location = Locations()[random.Below(Locations().size())];
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
    address = PublicAddress(number - 1001);
    server.nics.push_back({.id = number,
                           .network_id = LocationPrefix(location.id) + "n901",
                           .is_public = true,
                           .mac = Mac(number),
                           .ip_address = address,
                           .mask = 24,
                           .gateway = "203.0.113.1",
                           .bandwidth_mbps = 50});
  }
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
  world.ResetLedger(
      project,
      Money::FromMicros(
          random.Between(std::int64_t{5'000}, std::int64_t{200'000}) * 10'000));
  for (int i = 0; i < 2; ++i) {
    const std::int64_t id = world.NextNumber("ssh_key");
    project.ssh_keys.emplace(
        id, SshKey{.id = id,
                   .name = "key-" + std::to_string(id),
                   .public_key = "ssh-ed25519 AAAASIMPUBKEY" +
                                 std::to_string(id) + " ops@example.org"});
  }
  for (std::size_t i = 0; i < world.options().servers_per_project; ++i)
    SeedServer(world, project, i);
}

}  // namespace serverspace::sim
