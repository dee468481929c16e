#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class DecodeVmwareTest : public DecodeFixture {};

TEST_F(DecodeVmwareTest, ReadsServers) {
  const auto servers = Good(ReadVmwareServers, Example("vmware-servers.json"));
  ASSERT_THAT(servers, SizeIs(2));
  const VmwareServer& first = servers[0];
  EXPECT_EQ(first.id, "60118");
  EXPECT_EQ(first.name, "erp-app");
  EXPECT_EQ(first.computer_name, "ERP-APP");
  EXPECT_EQ(first.location, "7");
  EXPECT_EQ(first.image, "52");
  EXPECT_EQ(first.state, "active");
  EXPECT_EQ(first.power_on, true);
  EXPECT_EQ(first.nested_hypervisor, false);
  EXPECT_EQ(first.cpu_cores, 4);
  EXPECT_EQ(first.memory_bytes, 17'179'869'184);
  EXPECT_EQ(first.system_disk_bytes, 107'374'182'400);
  EXPECT_EQ(first.system_disk_type, "SSD");
  EXPECT_FALSE(first.gpu);
  ASSERT_THAT(first.nics, SizeIs(1));
  EXPECT_EQ(first.nics[0].id, "801");
  EXPECT_EQ(first.nics[0].network_id, "2301");
  EXPECT_EQ(first.nics[0].ip_address, "198.51.100.40");
  EXPECT_EQ(first.nics[0].mac, "00:50:56:aa:bb:01");
  EXPECT_EQ(first.nics[0].bandwidth_bytes_per_second, 12'500'000);
  EXPECT_EQ(first.created, ParseTimestamp("2026-08-21T13:00:05Z"));
  const VmwareServer& second = servers[1];
  EXPECT_EQ(second.computer_name, "");
  EXPECT_EQ(second.state, "need_money");
  ASSERT_TRUE(second.gpu);
  EXPECT_EQ(second.gpu->model_id, "2");
  EXPECT_EQ(second.gpu->memory_bytes, 42'949'672'960);
  EXPECT_EQ(second.gpu->cards, 1);
  ExpectNoDrift();
}

TEST_F(DecodeVmwareTest, ReadsNetworksInAnySpellingOfTheirState) {
  const auto networks =
      Good(ReadVmwareNetworks, Example("vmware-networks.json"));
  ASSERT_THAT(networks, SizeIs(2));
  const VmwareNetwork& first = networks[0];
  EXPECT_EQ(first.id, "2340");
  EXPECT_EQ(first.name, "erp-net");
  EXPECT_EQ(first.location, "7");
  EXPECT_EQ(first.type, "routed_client");
  EXPECT_EQ(first.address, "10.60.0.0");
  EXPECT_EQ(first.prefix_length, 24);
  EXPECT_EQ(first.state, "active");
  EXPECT_EQ(first.dhcp, true);
  EXPECT_EQ(first.nics, 2);
  EXPECT_EQ(first.bandwidth_bytes_per_second, 6'250'000);
  EXPECT_EQ(networks[1].bandwidth_bytes_per_second, 0);
  EXPECT_EQ(networks[1].state, "creating");
  const auto shouted =
      Good(ReadVmwareNetworks,
           R"({"networks":[{"id":1,"state":"Active","nics_count":0}]})");
  ASSERT_THAT(shouted, SizeIs(1));
  EXPECT_EQ(shouted[0].state, "active");
  ExpectNoDrift();
}

TEST_F(DecodeVmwareTest, ReportsDriftApartFromThatOfOtherServersAndNetworks) {
  Good(ReadVmwareServers,
       R"({"servers":[{"name":"x"},{"id":1,"state":"odd","is_power_on":true,
           "cpu":1,"ram_mb":1024,"system_disk_mb":1024,
           "nested_hypervisor":"yes"}]})");
  Good(ReadVmwareNetworks, R"({"networks":[{"id":1,"mask":"24"}]})");
  EXPECT_THAT(
      observer_.bad(),
      ElementsAre("vmware_servers.id", "vmware_servers.nested_hypervisor",
                  "vmware_servers.created", "vmware_networks.mask",
                  "vmware_networks.state", "vmware_networks.nics_count"));
  EXPECT_THAT(observer_.unknown(), ElementsAre("vmware_servers.state"));
}

}  // namespace
}  // namespace serverspace::api
