#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DecodeNetworksTest : public DecodeFixture {};

TEST_F(DecodeNetworksTest, ReadsNetworks) {
  const auto networks = Good(ReadNetworks, Example("isolated-networks.json"));
  ASSERT_THAT(networks, SizeIs(2));
  const Network& first = networks[0];
  EXPECT_EQ(first.id, "l3n77");
  EXPECT_EQ(first.name, "backend");
  EXPECT_EQ(first.location, "am2");
  EXPECT_EQ(first.address, "10.20.0.0");
  EXPECT_EQ(first.prefix_length, 24);
  EXPECT_THAT(first.tags, ElementsAre("prod"));
  EXPECT_EQ(first.state, "active");
  EXPECT_EQ(first.servers, 1);
  EXPECT_EQ(first.gateways, 1);
  EXPECT_EQ(first.created, ParseTimestamp("2024-04-29T11:00:03.1200981Z"));
  EXPECT_EQ(networks[1].state, "new");
  EXPECT_EQ(networks[1].servers, 0);
  // Not the same as none: older deployments do not tell.
  EXPECT_EQ(networks[1].gateways, std::nullopt);
  ExpectNoDrift();
}

TEST_F(DecodeNetworksTest, TellsNoGatewaysFromAnUnknownNumber) {
  const auto networks =
      Good(ReadNetworks,
           R"({"isolated_networks":[{"id":"a","gateway_ids":[]},{"id":"b"},
               {"id":"c","gateway_ids":null},
               {"id":"d","gateway_ids":["x"],"gateway_ids":[]}]})");
  ASSERT_THAT(networks, SizeIs(4));
  EXPECT_EQ(networks[0].gateways, 0);
  EXPECT_EQ(networks[1].gateways, std::nullopt);
  EXPECT_EQ(networks[2].gateways, std::nullopt);
  EXPECT_EQ(networks[3].gateways, 0);
}

TEST_F(DecodeNetworksTest, CountsMembersByFieldThatAreNoLists) {
  const auto networks = Good(ReadNetworks,
                             R"({"isolated_networks":[
          {"id":"a","server_ids":7,"gateway_ids":"x","state":"Active",
           "created":"2024-05-03T06:12:09Z"},
          {"name":"no id"},
          {"id":"b","mask":-1,"state":"Frozen"}]})");
  ASSERT_THAT(networks, SizeIs(2));
  // No number is not the number 0.
  EXPECT_EQ(networks[0].servers, std::nullopt);
  EXPECT_EQ(networks[0].gateways, std::nullopt);
  EXPECT_EQ(networks[1].servers, 0);
  EXPECT_EQ(networks[1].state, "frozen");
  EXPECT_THAT(
      observer_.bad(),
      ElementsAre("isolated_networks.server_ids",
                  "isolated_networks.gateway_ids", "isolated_networks.id",
                  "isolated_networks.mask", "isolated_networks.created"));
  EXPECT_THAT(observer_.unknown(), ElementsAre("isolated_networks.state"));
}

TEST_F(DecodeNetworksTest, ReadsGateways) {
  const auto gateways = Good(ReadGateways, Example("gateways.json"));
  ASSERT_THAT(gateways, SizeIs(1));
  const Gateway& gateway = gateways[0];
  EXPECT_EQ(gateway.id, "l3e9");
  EXPECT_EQ(gateway.name, "edge-am");
  EXPECT_EQ(gateway.location, "am2");
  EXPECT_THAT(gateway.tags, ElementsAre("prod"));
  EXPECT_EQ(gateway.state, "active");
  EXPECT_EQ(gateway.power_on, true);
  ASSERT_THAT(*gateway.nics, SizeIs(2));
  EXPECT_EQ((*gateway.nics)[0].id, "310");
  EXPECT_EQ((*gateway.nics)[0].network_id, "l3n901");
  EXPECT_EQ((*gateway.nics)[0].ip_address, "198.51.100.7");
  EXPECT_EQ((*gateway.nics)[0].bandwidth_bytes_per_second, 12'500'000);
  EXPECT_EQ((*gateway.nics)[1].bandwidth_bytes_per_second, 0);
  EXPECT_EQ(gateway.networks, std::nullopt);
  EXPECT_EQ(gateway.nat_rules, 2);
  EXPECT_EQ(gateway.firewall_rules, 1);
  EXPECT_EQ(gateway.created, ParseTimestamp("2024-05-01T15:30:00.7710043Z"));
  ExpectNoDrift();
}

TEST_F(DecodeNetworksTest, ReadsAGatewayOfAnOlderDeployment) {
  const auto gateways =
      Good(ReadGateways,
           ListOfOne("gateway-older-deployment.json", "gateway", "gateways"));
  ASSERT_THAT(gateways, SizeIs(1));
  EXPECT_EQ(gateways[0].power_on, std::nullopt);
  EXPECT_EQ(gateways[0].networks, 1);
  EXPECT_EQ(gateways[0].nat_rules, 0);
  EXPECT_EQ(gateways[0].created, std::nullopt);
  EXPECT_EQ(gateways[0].state, "busy");
  ExpectNoDrift();
}

TEST_F(DecodeNetworksTest, TakesATimeOfAGatewayWithoutAZoneForUtc) {
  const auto gateways =
      Good(ReadGateways,
           R"({"gateways":[{"id":"l3e9","created":"2024-05-01T15:30:00"}]})");
  ASSERT_THAT(gateways, SizeIs(1));
  EXPECT_EQ(gateways[0].created, ParseTimestamp("2024-05-01T15:30:00Z"));
}

TEST_F(DecodeNetworksTest, KnowsNoNumbersOfAGatewayWhoseListsAreNone) {
  const auto gateways =
      Good(ReadGateways,
           R"({"gateways":[{"id":"l3e9","state":"Active","nics":"x",
               "nat_rules":7,"firewall_rules":{}}]})");
  ASSERT_THAT(gateways, SizeIs(1));
  EXPECT_EQ(gateways[0].nics, std::nullopt);
  EXPECT_EQ(gateways[0].nat_rules, std::nullopt);
  EXPECT_EQ(gateways[0].firewall_rules, std::nullopt);
  EXPECT_THAT(observer_.bad(),
              ElementsAre("gateways.nics", "gateways.nat_rules",
                          "gateways.firewall_rules"));
}

TEST_F(DecodeNetworksTest, ReadsDomainsWithAndWithoutRecords) {
  const auto domains = Good(ReadDomains, Example("domains.json"));
  ASSERT_THAT(domains, SizeIs(2));
  EXPECT_EQ(domains[0].delegated, false);
  EXPECT_FALSE(domains[0].records);
  EXPECT_EQ(domains[1].name, "example.org.");
  EXPECT_EQ(domains[1].delegated, true);
  ASSERT_TRUE(domains[1].records);
  std::vector<std::string> types;
  for (const auto& record : *domains[1].records) types.push_back(record.type);
  EXPECT_THAT(types, ElementsAre("a", "mx", "txt", "srv"));
  ExpectNoDrift();
}

TEST_F(DecodeNetworksTest, TellsAnEmptyListOfRecordsFromNone) {
  const auto domains =
      Good(ReadDomains,
           R"({"domains":[{"name":"a.","is_delegated":true,"records":[]},
               {"name":"b.","is_delegated":true},
               {"name":"c.","is_delegated":true,"records":[{"id":1}]}]})");
  ASSERT_THAT(domains, SizeIs(3));
  ASSERT_TRUE(domains[0].records);
  EXPECT_THAT(*domains[0].records, IsEmpty());
  EXPECT_FALSE(domains[1].records);
  ASSERT_TRUE(domains[2].records);
  EXPECT_THAT(*domains[2].records, IsEmpty());
  EXPECT_THAT(observer_.bad(), ElementsAre("domains.records.type"));
}

TEST_F(DecodeNetworksTest, ReadsTheRecordsOfADomain) {
  EXPECT_THAT(Good(ReadDomainRecords, Example("domain-records.json")),
              SizeIs(4));
  ExpectNoDrift();
  const auto records = Good(
      ReadDomainRecords, R"({"records":[{"type":"CAA"},{"type":"aaaa"},{}]})");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].type, "caa");
  EXPECT_EQ(records[1].type, "aaaa");
  EXPECT_THAT(observer_.unknown(), ElementsAre("domains.records.type"));
  EXPECT_THAT(observer_.bad(), ElementsAre("domains.records.type"));
}

}  // namespace
}  // namespace serverspace::api
