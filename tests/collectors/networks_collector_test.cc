#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class NetworksCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeNetworksCollector();
};

TEST_F(NetworksCollectorTest, TellsAllOfTheExample) {
  client_.networks = AnswerExample(api::ReadNetworks, "isolated-networks.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_network_created_timestamp_seconds{project="prod",network_id="l3n77"} 1714388403.1200981
serverspace_network_created_timestamp_seconds{project="prod",network_id="l3n80"} 1795164252.0450077
serverspace_network_gateways{project="prod",network_id="l3n77"} 1
serverspace_network_info{project="prod",network_id="l3n77",name="backend",location="am2",tags=",prod,",prefix="10.20.0.0/24"} 1
serverspace_network_info{project="prod",network_id="l3n80",name="staging",location="am2",tags="",prefix="10.30.0.0/24"} 1
serverspace_network_servers{project="prod",network_id="l3n77"} 1
serverspace_network_servers{project="prod",network_id="l3n80"} 0
serverspace_network_state{project="prod",network_id="l3n77",state="new"} 0
serverspace_network_state{project="prod",network_id="l3n77",state="active"} 1
serverspace_network_state{project="prod",network_id="l3n77",state="busy"} 0
serverspace_network_state{project="prod",network_id="l3n77",state="blocked"} 0
serverspace_network_state{project="prod",network_id="l3n80",state="new"} 1
serverspace_network_state{project="prod",network_id="l3n80",state="active"} 0
serverspace_network_state{project="prod",network_id="l3n80",state="busy"} 0
serverspace_network_state{project="prod",network_id="l3n80",state="blocked"} 0
serverspace_networks{project="prod"} 2
serverspace_operations_in_progress{project="prod",resource="network"} 1
serverspace_operations_oldest_start_timestamp_seconds{project="prod",resource="network"} 1
)");
}

TEST_F(NetworksCollectorTest, LeavesOutAddressesWhereTheyAreNotWanted) {
  address_labels_ = false;
  client_.networks = AnswerExample(api::ReadNetworks, "isolated-networks.json");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines,
                  "serverspace_network_info{project=\"prod\",network_id="
                  "\"l3n77\",name=\"backend\",location=\"am2\",tags="
                  "\",prod,\"} 1\n"));
  EXPECT_FALSE(Has(lines, "10.20.0.0"));
}

TEST_F(NetworksCollectorTest, ShowsNoNetworksAsZero) {
  client_.networks = Answer(api::ReadNetworks, "{}");
  EXPECT_EQ(Lines(),
            "serverspace_networks{project=\"prod\"} 0\n"
            "serverspace_operations_in_progress"
            "{project=\"prod\",resource=\"network\"} 0\n");
}

TEST_F(NetworksCollectorTest, ListsInTheOrderOfIds) {
  client_.networks = Answer(api::ReadNetworks,
                            R"({"isolated_networks":[{"id":"b"},{"id":"a"}]})");
  const std::string one = Lines();
  client_.networks = Answer(api::ReadNetworks,
                            R"({"isolated_networks":[{"id":"a"},{"id":"b"}]})");
  EXPECT_EQ(Lines(), one);
}

TEST_F(NetworksCollectorTest, TakesAListThatIsNoneForNoNumber) {
  client_.networks =
      Answer(api::ReadNetworks,
             R"({"isolated_networks":[{"id":"a","server_ids":3}]})");
  EXPECT_FALSE(Has(Lines(), "serverspace_network_servers"));
}

TEST_F(NetworksCollectorTest, CountsANetworkOnceThatIsListedTwice) {
  client_.networks = Answer(api::ReadNetworks, R"({"isolated_networks":[
      {"id":"a","name":"x"},{"id":"a","name":"y"}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "serverspace_networks{project=\"prod\"} 1\n"));
  EXPECT_FALSE(Has(lines, "name=\"y\""));
}

TEST_F(NetworksCollectorTest, PassesErrorsOn) {
  client_.networks = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
