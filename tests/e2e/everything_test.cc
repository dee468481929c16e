#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "collectors/registry.h"
#include "e2e/rig.h"

namespace serverspace {
namespace {

using namespace std::chrono_literals;

/// All collectors at once, compared with the world that the simulator serves.
class EverythingTest : public testing::Test {
 protected:
  static RigOptions Options() {
    RigOptions options;
    options.everything = true;
    // So many runs at once take a while on a busy machine.
    options.interval = 1s;
    options.attempt_timeout = 5s;
    options.api.servers_per_project = 12;
    return options;
  }
  void Start(RigOptions options = Options()) {
    rig_.emplace(std::move(options));
    rig_->Start();
  }
  static std::string Of(std::string_view metric, std::string_view labels = "") {
    return std::string(metric) + "{project=\"project-0\"" +
           std::string(labels.empty() ? "" : ",") + std::string(labels) + "}";
  }
  static std::string Self(std::string_view metric, std::string_view collector) {
    return Of("collector_" + std::string(metric),
              "collector=\"" + std::string(collector) + "\"");
  }
  bool AwaitAllAttempted() {
    return Rig::Await([&] {
      return std::ranges::all_of(
          collectors::AllCollectors(), [&](const auto& row) {
            return rig_->Value(Self("success", row.name)).has_value();
          });
    });
  }
  void ExpectNumber(const std::string& series, std::size_t expected) {
    EXPECT_EQ(rig_->Value(series), std::to_string(expected)) << series;
  }
  void ExpectNoDrift() {
    const std::string page = rig_->Page();
    EXPECT_EQ(page.find("serverspace_api_unknown_values_total{"),
              std::string::npos);
    EXPECT_EQ(page.find("serverspace_api_bad_items_total{"), std::string::npos);
  }
  /// Runs `look` on the project under the world's lock.
  void World(const std::function<void(sim::Project&)>& look) {
    rig_->api().Edit(
        0, [&](sim::World&, sim::Project& project) { look(project); });
  }

  std::optional<Rig> rig_;
};

TEST_F(EverythingTest, TellsWhatTheWorldHolds) {
  Start();
  ASSERT_TRUE(AwaitAllAttempted());
  for (const auto& row : collectors::AllCollectors()) {
    ExpectNumber(Self("success", row.name), 1);
    ExpectNumber(Self("supported", row.name), 1);
  }
  World([&](sim::Project& world) {
    ExpectNumber(Of("servers"), world.servers.size());
    ExpectNumber(Of("networks"), world.networks.size());
    ExpectNumber(Of("gateways"), world.gateways.size());
    ExpectNumber(Of("domains"), world.domains.size());
    ExpectNumber(Of("kubernetes_clusters"), world.clusters.size());
    ExpectNumber(Of("affinity_groups"), world.affinity_groups.size());
    ExpectNumber(Of("ssh_keys"), world.ssh_keys.size());
    ExpectNumber(Of("vmware_servers"), world.vmware_servers.size());
    ExpectNumber(Of("vmware_networks"), world.vmware_networks.size());
    for (const auto& [id, network] : world.networks) {
      std::size_t servers = 0;
      for (const auto& [server_id, server] : world.servers) {
        servers += std::ranges::any_of(server.nics,
                                       [&network = network](const auto& nic) {
                                         return nic.network_id == network.id;
                                       });
      }
      ExpectNumber(Of("network_servers", "network_id=\"" + id + "\""), servers);
    }
    for (const auto& [name, domain] : world.domains) {
      const std::string label = "domain=\"" + name + "\"";
      ExpectNumber(Of("domain_delegated", label), domain.is_delegated);
      std::size_t records = 0;
      for (const char* type : {"a", "aaaa", "mx", "cname", "ns", "txt", "srv"})
        records += static_cast<std::size_t>(rig_->Number(Of(
            "domain_records", label + ",type=\"" + std::string(type) + "\"")));
      EXPECT_EQ(records, domain.records.size()) << name;
    }
    std::size_t points = 0;
    for (const auto& [id, server] : world.servers) {
      const std::string label = "server_id=\"" + id + "\"";
      ExpectNumber(Of("server_snapshots", label), server.snapshots.size());
      ExpectNumber(Of("server_backup_enabled", label), server.backup.enabled);
      for (const char* state : {"in_progress", "active", "failed"}) {
        ExpectNumber(Of("server_backup_restore_points",
                        label + ",state=\"" + std::string(state) + "\""),
                     static_cast<std::size_t>(
                         std::ranges::count(server.backup.restore_points, state,
                                            &sim::RestorePoint::state)));
      }
      points += server.backup.restore_points.size();
    }
    EXPECT_GT(points, 0U);
  });
  for (const char* resource :
       {"server", "network", "gateway", "kubernetes_cluster", "vmware_server",
        "vmware_network", "backup"}) {
    EXPECT_TRUE(rig_->Value(Of("operations_in_progress",
                               "resource=\"" + std::string(resource) + "\"")))
        << resource;
  }
  ExpectNoDrift();
}

TEST_F(EverythingTest, FindsNothingOddInAnOlderDeployment) {
  RigOptions options = Options();
  options.api.generation = sim::Generation::kG1;
  Start(std::move(options));
  ASSERT_TRUE(AwaitAllAttempted());
  // A refusal that comes before the project was read is a failure at first.
  for (const char* newer : {"backups", "vmware"})
    ASSERT_TRUE(rig_->AwaitValue(Self("supported", newer), "0"));
  for (const auto& row : collectors::AllCollectors()) {
    const bool is_newer = row.name == "backups" || row.name == "vmware";
    ExpectNumber(Self("success", row.name), 1);
    ExpectNumber(Self("supported", row.name), is_newer ? 0 : 1);
    EXPECT_EQ(rig_->Value(Self("series", row.name)) == "0", is_newer)
        << row.name;
  }
  // One refusal is enough to know: it takes no call per server.
  EXPECT_LE(rig_->Requests("/servers/{id}/backup"), 2U);
  ExpectNoDrift();
}

TEST_F(EverythingTest, FollowsChanges) {
  Start();
  ASSERT_TRUE(AwaitAllAttempted());
  World([](sim::Project& world) {
    world.networks.begin()->second.state = sim::kBusy;
    world.vmware_servers.begin()->second.state = "deleting";
    world.gateways.clear();
  });
  EXPECT_TRUE(rig_->AwaitValue(
      Of("operations_in_progress", "resource=\"network\""), "1"));
  EXPECT_TRUE(rig_->AwaitValue(
      Of("operations_in_progress", "resource=\"vmware_server\""), "1"));
  EXPECT_TRUE(rig_->AwaitValue(Of("gateways"), "0"));
  EXPECT_EQ(rig_->Page().find("serverspace_gateway_info{"), std::string::npos);
}

TEST_F(EverythingTest, CountsWhatIsOddAndKeepsTheRest) {
  Start();
  ASSERT_TRUE(AwaitAllAttempted());
  rig_->api().AddFault({.kind = sim::FaultKind::kRaw,
                        .route = "/networks/isolated",
                        .body = R"({"isolated_networks":[{"name":"nobody"},7,
                   {"id":"l3n1","state":"Melting","mask":"wide"}]})"});
  EXPECT_TRUE(rig_->AwaitValue(Of("networks"), "1"));
  EXPECT_EQ(
      rig_->Value(Of("network_state", "network_id=\"l3n1\",state=\"melting\"")),
      "1");
  const auto counted = [&](const std::string& metric,
                           const std::string& field) {
    return Rig::Await([&] {
      return rig_->Number(metric + "{field=\"" + field + "\"}") >= 1;
    });
  };
  EXPECT_TRUE(counted("api_bad_items_total", "isolated_networks"));
  EXPECT_TRUE(counted("api_bad_items_total", "isolated_networks.id"));
  EXPECT_TRUE(counted("api_bad_items_total", "isolated_networks.mask"));
  EXPECT_TRUE(counted("api_unknown_values_total", "isolated_networks.state"));
}

TEST_F(EverythingTest, PassesOverAServerThatVanished) {
  RigOptions options = Options();
  options.long_interval = 2s;
  Start(std::move(options));
  ASSERT_TRUE(AwaitAllAttempted());
  rig_->api().AddFault({.kind = sim::FaultKind::kStatus,
                        .route = "/servers/{id}/snapshots",
                        .count = 1,
                        .skip = 1,
                        .status = 404});
  // The list of servers still has it.
  const auto shown = [&] {
    const std::string text = rig_->Page();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\nserverspace_server_snapshots{",
                                             at)) != std::string::npos;
         ++at)
      ++count;
    return count;
  };
  EXPECT_TRUE(Rig::Await([&] { return shown() == 11; }));
  ExpectNumber(Self("success", "snapshots"), 1);
  ExpectNumber(Self("supported", "snapshots"), 1);
  ExpectNumber(Of("servers"), 12);
  EXPECT_TRUE(Rig::Await([&] { return shown() == 12; }));
}

TEST_F(EverythingTest, PublishesNoPartOfALongRun) {
  RigOptions options = Options();
  options.long_interval = 2s;
  Start(std::move(options));
  ASSERT_TRUE(AwaitAllAttempted());
  rig_->api().AddFault({.kind = sim::FaultKind::kContent,
                        .route = "/servers/{id}/snapshots",
                        .skip = 3,
                        .content = "html"});
  ASSERT_TRUE(rig_->AwaitValue(Self("success", "snapshots"), "0"));
  World([&](sim::Project& world) {
    for (const auto& [id, server] : world.servers)
      ExpectNumber(Of("server_snapshots", "server_id=\"" + id + "\""),
                   server.snapshots.size());
  });
}

TEST_F(EverythingTest, KeepsOthersGoingBesideLongRuns) {
  RigOptions options = Options();
  options.attempt_timeout = 5min;
  options.long_interval = 15min;
  rig_.emplace(std::move(options));
  // Whichever of the long runs comes first, it lasts.
  for (const char* route : {"/servers/{id}/*", "/domains/{name}/records"})
    rig_->api().AddFault(
        {.kind = sim::FaultKind::kHangHeaders, .route = route});
  rig_->Start();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(rig_->AwaitNextRuns());
  for (const auto& row : collectors::AllCollectors()) {
    if (!row.calls.grow_with_project()) {
      EXPECT_TRUE(rig_->AwaitValue(Self("success", row.name), "1"));
    }
  }
}

TEST_F(EverythingTest, SkipsARunThatCannotEndAndSaysWhatWouldDo) {
  RigOptions options = Options();
  // 100 a second: 20 calls in 0.2 s, and backups need 24.
  options.long_interval = 250ms;
  Start(std::move(options));
  ASSERT_TRUE(Rig::Await([&] {
    return rig_->Number(Self("skipped_runs_total", "backups")) >= 3;
  }));
  ExpectNumber(Self("success", "backups"), 0);
  const std::string log = rig_->LogText();
  const std::string line = "collector skipped: its interval is too short";
  const std::size_t first = log.find(line);
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(log.find("would do", first), std::string::npos);
  EXPECT_EQ(log.find("level=warn msg=\"" + line, first + 1), std::string::npos);
  EXPECT_EQ(rig_->Requests("/servers/{id}/backup"), 0U);
}

TEST_F(EverythingTest, TellsNoSecretAndNoKeyText) {
  Start();
  ASSERT_TRUE(AwaitAllAttempted());
  const std::string said = rig_->EverythingSaid();
  for (const char* secret : {"SIM-SECRET", "SIMPUBKEY", "ssh-ed25519"})
    EXPECT_EQ(said.find(secret), std::string::npos) << secret;
}

}  // namespace
}  // namespace serverspace
