#include <algorithm>
#include <set>

#include "collectors/collector_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

api::Server FullServer() {
  return {
      .id = "l1s100",
      .name = "web 1",
      .location = "ds1",
      .image = "Debian-12-X64",
      .affinity_group_id = "7",
      .tags = {"web", "prod"},
      .state = "active",
      .power_on = true,
      .cpu_cores = 2,
      .memory_bytes = 4'294'967'296,
      .created = WallTime(std::chrono::seconds(1'600'000'000)),
      .volumes = {{.id = "11", .name = "boot", .size_bytes = 26'843'545'600}},
      .nics = {{.id = "21",
                .network_id = "l1n1",
                .network_type = "publicshared",
                .mac = "00:50:56:00:00:01",
                .ip_address = "192.0.2.10",
                .bandwidth_bytes_per_second = 6'250'000}},
      .applications = {{.id = "docker", .state = "installed"}}};
}

class ServersCollectorTest : public CollectorFixture {
 protected:
  std::string CollectOf(const std::vector<api::Server>& servers) {
    client_.servers =
        [servers](const api::Call&) -> Result<std::vector<api::Server>> {
      return servers;
    };
    return Collect(*collector_);
  }

  const std::unique_ptr<Collector> collector_ = MakeServersCollector();
};

bool Has(const std::string& lines, const std::string& text) {
  return lines.find(text) != std::string::npos;
}

TEST_F(ServersCollectorTest, TellsAllOfAServer) {
  first_seen_.Set("server", "l1s100", 1'650'000'000);
  EXPECT_EQ(
      CollectOf({FullServer()}),
      R"(serverspace_operations_in_progress{project="prod",resource="server"} 0
serverspace_server_application_state{project="prod",server_id="l1s100",application="docker",state="installing"} 0
serverspace_server_application_state{project="prod",server_id="l1s100",application="docker",state="installed"} 1
serverspace_server_application_state{project="prod",server_id="l1s100",application="docker",state="failed"} 0
serverspace_server_cpu_cores{project="prod",server_id="l1s100"} 2
serverspace_server_created_timestamp_seconds{project="prod",server_id="l1s100"} 1600000000
serverspace_server_info{project="prod",server_id="l1s100",name="web 1",location="ds1",image="Debian-12-X64",affinity_group_id="7",tags=",prod,web,"} 1
serverspace_server_memory_bytes{project="prod",server_id="l1s100"} 4294967296
serverspace_server_nic_bandwidth_limit_bytes_per_second{project="prod",server_id="l1s100",nic_id="21"} 6250000
serverspace_server_nic_info{project="prod",server_id="l1s100",nic_id="21",network_id="l1n1",network_type="publicshared",ip_address="192.0.2.10",mac="00:50:56:00:00:01"} 1
serverspace_server_power_on{project="prod",server_id="l1s100"} 1
serverspace_server_state{project="prod",server_id="l1s100",state="new"} 0
serverspace_server_state{project="prod",server_id="l1s100",state="active"} 1
serverspace_server_state{project="prod",server_id="l1s100",state="busy"} 0
serverspace_server_state{project="prod",server_id="l1s100",state="blocked"} 0
serverspace_server_state_since_timestamp_seconds{project="prod",server_id="l1s100"} 1650000000
serverspace_server_volume_info{project="prod",server_id="l1s100",volume_id="11",name="boot"} 1
serverspace_server_volume_size_bytes{project="prod",server_id="l1s100",volume_id="11"} 26843545600
serverspace_servers{project="prod"} 1
)");
}

TEST_F(ServersCollectorTest, ShowsNoServersAsZero) {
  EXPECT_EQ(CollectOf({}),
            "serverspace_operations_in_progress"
            "{project=\"prod\",resource=\"server\"} 0\n"
            "serverspace_servers{project=\"prod\"} 0\n");
}

TEST_F(ServersCollectorTest, LeavesOutWhatIsAbsent) {
  api::Server server;
  server.id = "l1s1";
  server.volumes = {{.id = "11", .name = "", .size_bytes = std::nullopt}};
  server.applications = {{.id = "docker", .state = ""}};
  EXPECT_EQ(
      CollectOf({server}),
      R"(serverspace_operations_in_progress{project="prod",resource="server"} 0
serverspace_server_info{project="prod",server_id="l1s1",name="",location="",image="",affinity_group_id="",tags=""} 1
serverspace_server_volume_info{project="prod",server_id="l1s1",volume_id="11",name=""} 1
serverspace_servers{project="prod"} 1
)");
}

TEST_F(ServersCollectorTest, ShowsAServerThatIsOffAsZero) {
  api::Server server = FullServer();
  server.power_on = false;
  EXPECT_TRUE(Has(CollectOf({server}),
                  "power_on{project=\"prod\",server_id=\"l1s100\"} 0\n"));
}

TEST_F(ServersCollectorTest, LeavesOutAddressesWhereTheyAreNotWanted) {
  address_labels_ = false;
  const std::string lines = CollectOf({FullServer()});
  EXPECT_TRUE(Has(
      lines,
      "serverspace_server_nic_info{project=\"prod\",server_id=\"l1s100\","
      "nic_id=\"21\",network_id=\"l1n1\",network_type=\"publicshared\"} 1\n"));
  EXPECT_FALSE(Has(lines, "192.0.2.10"));
  EXPECT_FALSE(Has(lines, "00:50:56"));
}

TEST_F(ServersCollectorTest, KeepsAddressesForDiscoveryAllTheSame) {
  address_labels_ = false;
  CollectOf({FullServer()});
  EXPECT_EQ(inventory_.servers()->front().public_ip, "192.0.2.10");
}

TEST_F(ServersCollectorTest, ShowsNoLimitWhereTheBandwidthHasNone) {
  api::Server server = FullServer();
  server.nics[0].bandwidth_bytes_per_second = 0;
  const std::string lines = CollectOf({server});
  EXPECT_FALSE(Has(lines, "nic_bandwidth_limit"));
  EXPECT_TRUE(Has(lines, "nic_info"));
}

struct TagsCase {
  std::vector<std::string> tags;
  std::string label;
};

class ServersCollectorTagsTest : public ServersCollectorTest,
                                 public testing::WithParamInterface<TagsCase> {
};

TEST_P(ServersCollectorTagsTest, JoinsTagsIntoOneLabel) {
  api::Server server = FullServer();
  server.tags = GetParam().tags;
  const std::string lines = CollectOf({server});
  EXPECT_TRUE(Has(lines, ",tags=\"" + GetParam().label + "\"} 1\n")) << lines;
}

INSTANTIATE_TEST_SUITE_P(Tags, ServersCollectorTagsTest,
                         testing::Values(TagsCase{{}, ""},
                                         TagsCase{{"a"}, ",a,"},
                                         TagsCase{{"b", "a"}, ",a,b,"},
                                         TagsCase{{"a,b", "a"}, ",a,a_b,"},
                                         TagsCase{{",,"}, ",__,"},
                                         TagsCase{{"x\"y"}, R"(,x\"y,)"}));

TEST_F(ServersCollectorTest, LeavesTagsInTheInventoryAsTheyCame) {
  api::Server server = FullServer();
  server.tags = {"b,c", "a"};
  CollectOf({server});
  EXPECT_EQ(inventory_.servers()->front().tags,
            (std::vector<std::string>{"b,c", "a"}));
}

TEST_F(ServersCollectorTest, ShowsStatesThatNobodyKnewBesideTheKnown) {
  api::Server server = FullServer();
  server.state = "migrating";
  server.applications[0].state = "updating";
  const std::string lines = CollectOf({server});
  for (const std::string known : {"new", "active", "busy", "blocked"}) {
    EXPECT_TRUE(Has(lines,
                    "serverspace_server_state{project=\"prod\","
                    "server_id=\"l1s100\",state=\"" +
                        known + "\"} 0\n"));
  }
  EXPECT_TRUE(Has(lines, "state=\"migrating\"} 1\n"));
  EXPECT_TRUE(Has(lines, "application=\"docker\",state=\"updating\"} 1\n"));
}

TEST_F(ServersCollectorTest, CountsNewAndBusyServersAsOperations) {
  std::vector<api::Server> servers(5, FullServer());
  const std::string states[] = {"new", "active", "busy", "blocked", "odd"};
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i].id = "s" + std::to_string(i);
    servers[i].state = states[i];
  }
  first_seen_.Set("operation/server", "s0", 90);
  first_seen_.Set("operation/server", "s2", 80);
  const std::string lines = CollectOf(servers);
  EXPECT_TRUE(
      Has(lines, "in_progress{project=\"prod\",resource=\"server\"} 2\n"));
  EXPECT_TRUE(Has(lines,
                  "serverspace_operations_oldest_start_timestamp_seconds"
                  "{project=\"prod\",resource=\"server\"} 80\n"));
  EXPECT_EQ(first_seen_.shown().at("operation/server"),
            (FakeFirstSeen::Shown{{"s0", "unsettled"}, {"s2", "unsettled"}}));
}

TEST_F(ServersCollectorTest, AsksSinceWhenEachStateLasts) {
  api::Server off = FullServer();
  off.id = "l1s200";
  off.state = "blocked";
  CollectOf({FullServer(), off});
  EXPECT_EQ(
      first_seen_.shown().at("server"),
      (FakeFirstSeen::Shown{{"l1s100", "active"}, {"l1s200", "blocked"}}));
}

TEST_F(ServersCollectorTest, KeepsWhatOthersNeedInTheInventory) {
  CollectOf({FullServer()});
  const auto servers = inventory_.servers();
  ASSERT_NE(servers, nullptr);
  ASSERT_EQ(servers->size(), 1U);
  const InventoryServer& server = servers->front();
  EXPECT_EQ(server.id, "l1s100");
  EXPECT_EQ(server.name, "web 1");
  EXPECT_EQ(server.location, "ds1");
  EXPECT_EQ(server.image, "Debian-12-X64");
  EXPECT_EQ(server.state, "active");
  EXPECT_EQ(server.tags, (std::vector<std::string>{"web", "prod"}));
  EXPECT_EQ(server.public_ip, "192.0.2.10");
  EXPECT_EQ(server.private_ip, "");
  EXPECT_EQ(server.power_on, true);
}

TEST_F(ServersCollectorTest, TellsPublicFromPrivateAddressesByTheNetwork) {
  api::Server server = FullServer();
  server.nics = {{.id = "22",
                  .network_id = "l1n2",
                  .network_type = "isolated",
                  .mac = "",
                  .ip_address = "198.51.100.7"},
                 {.id = "23",
                  .network_id = "l1n1",
                  .network_type = "publicshared",
                  .mac = "",
                  .ip_address = "10.0.0.7"}};
  CollectOf({server});
  EXPECT_EQ(inventory_.servers()->front().public_ip, "10.0.0.7");
  EXPECT_EQ(inventory_.servers()->front().private_ip, "198.51.100.7");
  // The oldest deployments do not tell the network's type.
  for (api::Nic& nic : server.nics) nic.network_type.clear();
  CollectOf({server});
  EXPECT_EQ(inventory_.servers()->front().public_ip, "198.51.100.7");
  EXPECT_EQ(inventory_.servers()->front().private_ip, "10.0.0.7");
}

TEST_F(ServersCollectorTest, ForgetsServersThatAreGone) {
  api::Server other = FullServer();
  other.id = "l1s200";
  CollectOf({FullServer(), other});
  const std::string lines = CollectOf({other});
  EXPECT_FALSE(Has(lines, "l1s100"));
  EXPECT_TRUE(Has(lines, "serverspace_servers{project=\"prod\"} 1\n"));
  EXPECT_EQ(inventory_.servers()->size(), 1U);
}

TEST_F(ServersCollectorTest, LeavesEverythingAsItWasOnAnError) {
  CollectOf({FullServer()});
  const auto shown = first_seen_.shown();
  client_.servers = [](const api::Call&) -> Result<std::vector<api::Server>> {
    return Error{ErrorCode::kBadResponse, "GET /servers: cut"};
  };
  metrics::SampleSet samples("prod");
  const auto outcome = collector_->Collect(MakeRun(), samples);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kBadResponse);
  EXPECT_EQ(samples.size(), 0U);
  ASSERT_NE(inventory_.servers(), nullptr);
  EXPECT_EQ(inventory_.servers()->size(), 1U);
  EXPECT_EQ(first_seen_.shown(), shown);
}

TEST_F(ServersCollectorTest, MakesNoInventoryOfAnError) {
  client_.servers = [](const api::Call&) -> Result<std::vector<api::Server>> {
    return Error{ErrorCode::kTimeout, "GET /servers: timed out"};
  };
  EXPECT_EQ(Collect(*collector_), "error: GET /servers: timed out");
  EXPECT_EQ(inventory_.servers(), nullptr);
}

TEST_F(ServersCollectorTest, AddsOnlyFamiliesThatItDescribes) {
  std::set<std::string_view> described;
  for (const metrics::Desc* desc : collector_->Describe())
    described.insert(desc->name);
  api::Server server = FullServer();
  server.state = "busy";
  client_.servers = [&](const api::Call&) -> Result<std::vector<api::Server>> {
    return std::vector{server};
  };
  metrics::SampleSet samples("prod");
  ASSERT_TRUE(collector_->Collect(MakeRun(), samples).ok());
  const metrics::Fragment fragment = std::move(samples).Render();
  std::set<std::string_view> added;
  for (const auto& family : fragment.families())
    added.insert(family->desc().name);
  EXPECT_EQ(added, described);
}

}  // namespace
}  // namespace serverspace::collectors
