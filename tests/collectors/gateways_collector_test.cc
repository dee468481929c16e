#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class GatewaysCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeGatewaysCollector();
};

TEST_F(GatewaysCollectorTest, TellsAllOfTheExample) {
  client_.gateways = AnswerExample(api::ReadGateways, "gateways.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_gateway_bandwidth_limit_bytes_per_second{project="prod",gateway_id="l3e9"} 12500000
serverspace_gateway_created_timestamp_seconds{project="prod",gateway_id="l3e9"} 1714577400.7710043
serverspace_gateway_firewall_rules{project="prod",gateway_id="l3e9"} 1
serverspace_gateway_info{project="prod",gateway_id="l3e9",name="edge-am",location="am2",tags=",prod,"} 1
serverspace_gateway_nat_rules{project="prod",gateway_id="l3e9"} 2
serverspace_gateway_networks{project="prod",gateway_id="l3e9"} 1
serverspace_gateway_nic_info{project="prod",gateway_id="l3e9",nic_id="310",network_id="l3n901",ip_address="198.51.100.7"} 1
serverspace_gateway_nic_info{project="prod",gateway_id="l3e9",nic_id="311",network_id="l3n77",ip_address="10.20.0.1"} 1
serverspace_gateway_power_on{project="prod",gateway_id="l3e9"} 1
serverspace_gateway_state{project="prod",gateway_id="l3e9",state="new"} 0
serverspace_gateway_state{project="prod",gateway_id="l3e9",state="active"} 1
serverspace_gateway_state{project="prod",gateway_id="l3e9",state="busy"} 0
serverspace_gateway_state{project="prod",gateway_id="l3e9",state="blocked"} 0
serverspace_gateways{project="prod"} 1
serverspace_operations_in_progress{project="prod",resource="gateway"} 0
)");
}

TEST_F(GatewaysCollectorTest, TellsOfAnOlderDeploymentWhatItSays) {
  client_.gateways = Answer(api::ReadGateways, R"({"gateways":[
      {"id":"l3e9","nics":[{"id":310,"network_id":"l3n901"}],
       "network_ids":["l3n77","l3n78"],"state":"Busy"}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines,
                  "gateway_networks{project=\"prod\",gateway_id="
                  "\"l3e9\"} 2\n"));
  EXPECT_TRUE(Has(lines,
                  "operations_in_progress{project=\"prod\",resource="
                  "\"gateway\"} 1\n"));
  EXPECT_FALSE(Has(lines, "power_on"));
  EXPECT_FALSE(Has(lines, "bandwidth"));
  EXPECT_FALSE(Has(lines, "created"));
}

TEST_F(GatewaysCollectorTest, LeavesOutAddressesWhereTheyAreNotWanted) {
  address_labels_ = false;
  client_.gateways = AnswerExample(api::ReadGateways, "gateways.json");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "nic_id=\"310\",network_id=\"l3n901\"} 1\n"));
  EXPECT_FALSE(Has(lines, "198.51.100.7"));
}

TEST_F(GatewaysCollectorTest, TakesAListThatIsNoneForNoNumber) {
  client_.gateways = Answer(api::ReadGateways, R"({"gateways":[
      {"id":"l3e9","nics":"two","nat_rules":2,"firewall_rules":{},
       "state":"Active"}]})");
  const std::string lines = Lines();
  for (const char* absent : {"_networks", "_nat_rules", "_firewall_rules"})
    EXPECT_FALSE(Has(lines, absent)) << lines;
  client_.gateways =
      Answer(api::ReadGateways, R"({"gateways":[{"id":"l3e9"}]})");
  for (const char* zero : {"_networks", "_nat_rules", "_firewall_rules"}) {
    EXPECT_TRUE(Has(Lines(), "serverspace_gateway" + std::string(zero) +
                                 "{project=\"prod\",gateway_id=\"l3e9\"} 0\n"));
  }
}

TEST_F(GatewaysCollectorTest, PassesErrorsOn) {
  client_.gateways = Fails(ErrorCode::kForbidden);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
