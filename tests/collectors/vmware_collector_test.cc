#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class VmwareCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeVmwareCollector();
};

TEST_F(VmwareCollectorTest, TellsAllOfTheExamples) {
  client_.vmware_servers =
      AnswerExample(api::ReadVmwareServers, "vmware-servers.json");
  client_.vmware_networks =
      AnswerExample(api::ReadVmwareNetworks, "vmware-networks.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_operations_in_progress{project="prod",resource="vmware_server"} 0
serverspace_operations_in_progress{project="prod",resource="vmware_network"} 1
serverspace_operations_oldest_start_timestamp_seconds{project="prod",resource="vmware_network"} 1
serverspace_vmware_network_bandwidth_limit_bytes_per_second{project="prod",network_id="2340"} 6250000
serverspace_vmware_network_dhcp{project="prod",network_id="2340"} 1
serverspace_vmware_network_dhcp{project="prod",network_id="2341"} 0
serverspace_vmware_network_info{project="prod",network_id="2340",name="erp-net",location="7",type="routed_client",prefix="10.60.0.0/24"} 1
serverspace_vmware_network_info{project="prod",network_id="2341",name="erp-db",location="7",type="private_client",prefix="10.61.0.0/24"} 1
serverspace_vmware_network_nics{project="prod",network_id="2340"} 2
serverspace_vmware_network_nics{project="prod",network_id="2341"} 0
serverspace_vmware_network_state{project="prod",network_id="2340",state="creating"} 0
serverspace_vmware_network_state{project="prod",network_id="2340",state="active"} 1
serverspace_vmware_network_state{project="prod",network_id="2341",state="creating"} 1
serverspace_vmware_network_state{project="prod",network_id="2341",state="active"} 0
serverspace_vmware_networks{project="prod"} 2
serverspace_vmware_server_cpu_cores{project="prod",server_id="60118"} 4
serverspace_vmware_server_cpu_cores{project="prod",server_id="60140"} 16
serverspace_vmware_server_created_timestamp_seconds{project="prod",server_id="60118"} 1787317205
serverspace_vmware_server_created_timestamp_seconds{project="prod",server_id="60140"} 1790756144
serverspace_vmware_server_gpu_cards{project="prod",server_id="60140"} 1
serverspace_vmware_server_gpu_memory_bytes{project="prod",server_id="60140"} 42949672960
serverspace_vmware_server_info{project="prod",server_id="60118",name="erp-app",computer_name="ERP-APP",location="7",image="52",system_disk_type="SSD",gpu_model=""} 1
serverspace_vmware_server_info{project="prod",server_id="60140",name="ml-node",computer_name="",location="7",image="61",system_disk_type="",gpu_model="2"} 1
serverspace_vmware_server_memory_bytes{project="prod",server_id="60118"} 17179869184
serverspace_vmware_server_memory_bytes{project="prod",server_id="60140"} 137438953472
serverspace_vmware_server_nested_hypervisor{project="prod",server_id="60118"} 0
serverspace_vmware_server_nested_hypervisor{project="prod",server_id="60140"} 0
serverspace_vmware_server_nic_bandwidth_limit_bytes_per_second{project="prod",server_id="60118",nic_id="801"} 12500000
serverspace_vmware_server_nic_info{project="prod",server_id="60118",nic_id="801",network_id="2301",ip_address="198.51.100.40",mac="00:50:56:aa:bb:01"} 1
serverspace_vmware_server_power_on{project="prod",server_id="60118"} 1
serverspace_vmware_server_power_on{project="prod",server_id="60140"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="creating"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="active"} 1
serverspace_vmware_server_state{project="prod",server_id="60118",state="suspended"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="powered_off"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="need_money"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="deleting"} 0
serverspace_vmware_server_state{project="prod",server_id="60118",state="error"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="creating"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="active"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="suspended"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="powered_off"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="need_money"} 1
serverspace_vmware_server_state{project="prod",server_id="60140",state="deleting"} 0
serverspace_vmware_server_state{project="prod",server_id="60140",state="error"} 0
serverspace_vmware_server_system_disk_size_bytes{project="prod",server_id="60118"} 107374182400
serverspace_vmware_server_system_disk_size_bytes{project="prod",server_id="60140"} 214748364800
serverspace_vmware_servers{project="prod"} 2
)");
}

TEST_F(VmwareCollectorTest, LeavesOutAddressesWhereTheyAreNotWanted) {
  address_labels_ = false;
  client_.vmware_servers =
      AnswerExample(api::ReadVmwareServers, "vmware-servers.json");
  client_.vmware_networks =
      AnswerExample(api::ReadVmwareNetworks, "vmware-networks.json");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "nic_id=\"801\",network_id=\"2301\"} 1\n"));
  EXPECT_FALSE(Has(lines, "198.51.100.40"));
  EXPECT_FALSE(Has(lines, "00:50:56"));
  EXPECT_FALSE(Has(lines, "10.60.0.0"));
}

TEST_F(VmwareCollectorTest, CountsWhatIsUnderWay) {
  client_.vmware_servers = Answer(api::ReadVmwareServers, R"({"servers":[
      {"id":1,"state":"creating"},{"id":2,"state":"deleting"},
      {"id":3,"state":"error"},{"id":4,"state":"need_money"},{"id":5}]})");
  client_.vmware_networks = Answer(api::ReadVmwareNetworks, R"({"networks":[
      {"id":1,"state":"Active"},{"id":2,"state":"creating"},
      {"id":3,"state":"updating"},{"id":4}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines,
                  "in_progress{project=\"prod\",resource="
                  "\"vmware_server\"} 2\n"));
  EXPECT_TRUE(Has(lines,
                  "in_progress{project=\"prod\",resource="
                  "\"vmware_network\"} 2\n"));
}

TEST_F(VmwareCollectorTest, KeepsWhatDiscoveryNeeds) {
  client_.vmware_servers =
      AnswerExample(api::ReadVmwareServers, "vmware-servers.json");
  client_.vmware_networks =
      AnswerExample(api::ReadVmwareNetworks, "vmware-networks.json");
  Lines();
  const auto servers = inventory_.vmware_servers();
  ASSERT_NE(servers, nullptr);
  ASSERT_EQ(servers->size(), 2U);
  EXPECT_EQ(servers->at(0), (InventoryServer{.id = "60118",
                                             .name = "erp-app",
                                             .location = "7",
                                             .image = "52",
                                             .state = "active",
                                             .tags = {},
                                             .public_ip = "198.51.100.40",
                                             .private_ip = "",
                                             .power_on = true}));
  EXPECT_EQ(servers->at(1).public_ip, "");
  EXPECT_EQ(servers->at(1).power_on, false);
  EXPECT_EQ(inventory_.servers(), nullptr);
}

TEST_F(VmwareCollectorTest, TellsPublicFromPrivateAddressesByTheNetwork) {
  const struct {
    std::string_view type;
    std::string_view address;
    bool is_public;
  } kCases[] = {{"private_client", "198.51.100.1", false},
                {"routed_client", "198.51.100.1", false},
                {"public_client", "10.0.0.1", true},
                {"public_shared", "10.0.0.1", true},
                {"new_kind", "10.0.0.1", false},
                {"new_kind", "198.51.100.1", true}};
  for (const auto& test : kCases) {
    const std::string ip(test.address);
    client_.vmware_servers =
        Answer(api::ReadVmwareServers,
               R"({"servers":[{"id":1,"nics":[{"id":5,"network_id":9,"ip":")" +
                   ip + R"("}]}]})");
    client_.vmware_networks =
        Answer(api::ReadVmwareNetworks, R"({"networks":[{"id":9,"type":")" +
                                            std::string(test.type) + R"("}]})");
    Lines();
    const InventoryServer& server = inventory_.vmware_servers()->front();
    EXPECT_EQ(server.public_ip, test.is_public ? ip : "") << test.type;
    EXPECT_EQ(server.private_ip, test.is_public ? "" : ip) << test.type;
  }
}

TEST_F(VmwareCollectorTest, TakesThePrimaryAddress) {
  client_.vmware_servers = Answer(api::ReadVmwareServers, R"({"servers":[
      {"id":1,"nics":[{"id":5,"ip":"10.0.0.5"},
                      {"id":6,"ip":"10.0.0.6","is_primary":true}]}]})");
  client_.vmware_networks = Answer(api::ReadVmwareNetworks, "{}");
  Lines();
  EXPECT_EQ(inventory_.vmware_servers()->front().private_ip, "10.0.0.6");
}

TEST_F(VmwareCollectorTest, NeedsBothLists) {
  client_.vmware_servers = Answer(api::ReadVmwareServers, "{}");
  client_.vmware_networks = Fails(ErrorCode::kServerError);
  EXPECT_EQ(Lines(), "error: GET /x: no");
  client_.vmware_servers = Fails(ErrorCode::kForbidden);
  EXPECT_EQ(Lines(), "error: GET /x: no");
  EXPECT_EQ(inventory_.vmware_servers(), nullptr);
}

}  // namespace
}  // namespace serverspace::collectors
