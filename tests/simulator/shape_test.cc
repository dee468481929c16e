#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/test_client.h"

// What the simulator answers has the members and types of the recorded
// examples.

namespace serverspace::sim {
namespace {

using nlohmann::json;
using Shape = std::map<std::string, std::string>;

/// Type by path; the items of a list count together, integers and fractions
/// alike.
void Collect(const json& value, const std::string& path, Shape& shape) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items())
      Collect(member, std::string(path).append(".").append(name), shape);
  } else if (value.is_array()) {
    shape[path] = "list";
    for (const json& item : value) Collect(item, path + "[]", shape);
  } else {
    shape[path] = value.type_name();
  }
}

Shape ShapeOf(const json& value) {
  Shape shape;
  Collect(value, "", shape);
  return shape;
}

json Example(const std::string& name) {
  std::ifstream file(std::string(SERVERSPACE_TESTDATA) + "/api/" + name +
                     ".json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

struct Case {
  const char* name;  // of the example
  const char* path;  // {s}: a server, {e}: a gateway, {n}: a network, {d}: a
                     // domain, ...
  /// Members that only one side has, because the example or the seeded world
  /// lacks such an item.
  std::set<std::string> may_differ = {};
  Generation generation = Generation::kG2;
};

std::ostream& operator<<(std::ostream& out, const Case& tested) {
  return out << tested.name;
}

class ShapeTest : public SimulatorFixture,
                  public testing::WithParamInterface<Case> {
 protected:
  ShapeTest()
      : SimulatorFixture(Options{.servers_per_project = 40,
                                 .generation = GetParam().generation}) {}

  /// Puts an object of the seeded world into the path.
  std::string Fill(std::string path) {
    simulator().Edit(0, [&](World&, Project& project) {
      const auto found =
          std::find_if(project.servers.begin(), project.servers.end(),
                       [](const auto& entry) {
                         return !entry.second.snapshots.empty() &&
                                entry.second.nics.size() == 2;
                       });
      ASSERT_NE(found, project.servers.end());
      const Server* server = &found->second;
      const std::map<std::string, std::string> values = {
          {"{s}", server->id},
          {"{v}", std::to_string(server->volumes.front().id)},
          {"{c}", std::to_string(server->nics.front().id)},
          {"{x}", std::to_string(server->snapshots.front().id)},
          {"{n}", project.networks.begin()->first},
          {"{e}", project.gateways.begin()->first},
          {"{d}", project.domains.rbegin()->first},
          {"{r}",
           std::to_string(project.domains.rbegin()->second.records.front().id)},
          {"{k}", std::to_string(project.ssh_keys.begin()->first)},
          {"{g}", project.affinity_groups.begin()->first},
          {"{u}", std::to_string(project.clusters.begin()->first)},
          {"{ug}",
           std::to_string(
               project.clusters.begin()->second.node_groups.front().id)},
          {"{w}", std::to_string(project.vmware_servers.begin()->first)},
          {"{wv}",
           std::to_string(
               project.vmware_servers.begin()->second.volumes.front().id)},
          {"{wn}", std::to_string(project.vmware_networks.begin()->first)},
      };
      for (const auto& [key, value] : values) {
        if (const auto at = path.find(key); at != std::string::npos)
          path.replace(at, key.size(), value);
      }
    });
    return path;
  }
};

TEST_P(ShapeTest, HasTheMembersOfTheExample) {
  // A domain of the seed has few types of records; this one has all.
  simulator().Edit(0, [](World&, Project& project) {
    project.domains.rbegin()->second.records = {
        {9001, R"("name":"a.","type":"A","ttl":"5m","ip":"203.0.113.24")"},
        {9002,
         R"("name":"a.","type":"MX","ttl":"1h","mail_host":"m.","priority":0)"},
        {9003, R"("name":"a.","type":"TXT","ttl":"1h","text":"\"t\"")"},
        {9004,
         R"("name":"a.","type":"SRV","ttl":"1h","protocol":"TCP","service":"sip","priority":1,"weight":0,"port":1,"target":"s.")"},
    };
  });
  const Answer answer = Get(Fill(GetParam().path));
  ASSERT_EQ(answer.status, 200) << answer.text;
  const Shape got = ShapeOf(answer.body);
  const Shape wanted = ShapeOf(Example(GetParam().name));
  const auto differs = [&](const std::string& path) {
    return GetParam().may_differ.count(path) != 0;
  };
  for (const auto& [path, type] : wanted) {
    if (differs(path)) continue;
    ASSERT_TRUE(got.count(path) != 0) << "lacks " << path;
    const std::set<std::string> types = {got.at(path), type};
    EXPECT_EQ(types.size(), 1U)
        << path << " is " << got.at(path) << " and should be " << type;
  }
  for (const auto& [path, type] : got) {
    EXPECT_TRUE(differs(path) || wanted.count(path) != 0)
        << "has " << path << " beyond the example";
  }
}

const Case kCases[] = {
    {"project", "/project"},
    {"servers",
     "/servers",
     {".servers[].application_installations[].id",
      ".servers[].application_installations[].state",
      ".servers[].application_installations[].outcome_reason",
      ".servers[].application_installations[].installed_at",
      ".servers[].application_installations[].addresses",
      ".servers[].application_installations[].addresses[].service",
      ".servers[].application_installations[].addresses[].address",
      ".servers[].application_installations[].components",
      ".servers[].application_installations[].components[].name",
      ".servers[].application_installations[].components[].kind",
      ".servers[].application_installations[].components[].observed_status",
      ".servers[].application_installations[].components[].address",
      ".servers[].application_installations[].app_login",
      ".servers[].application_installations[].app_password",
      ".servers[].application_installations[].llm_key_id",
      ".servers[].application_ids[]"}},
    {"volumes", "/servers/{s}/volumes"},
    {"volume", "/servers/{s}/volumes/{v}"},
    {"nics", "/servers/{s}/nics"},
    {"nic", "/servers/{s}/nics/{c}"},
    {"snapshots", "/servers/{s}/snapshots"},
    {"snapshot", "/servers/{s}/snapshots/{x}"},
    {"server-backup",
     "/servers/{s}/backup",
     {".schedule.weekly.keep", ".schedule.weekly.backup_storage_id",
      ".schedule.weekly.weekday"}},
    {"restore-points", "/servers/{s}/backup/restore-points"},
    {"backup-storages", "/backup/storages?location_id=am2"},
    {"backup-storages", "/servers/{s}/backup/storages"},
    {"isolated-networks", "/networks/isolated"},
    {"isolated-network", "/networks/isolated/{n}"},
    {"gateways", "/gateways"},
    {"gateway", "/gateways/{e}"},
    {"gateway-nat", "/gateways/{e}/nat"},
    {"gateway-firewall", "/gateways/{e}/firewall"},
    {"gateway-older-deployment",
     "/gateways/{e}",
     {".gateway.nat_rules[].type", ".gateway.nat_rules[].protocol",
      ".gateway.nat_rules[].source", ".gateway.nat_rules[].destination",
      ".gateway.nat_rules[].destination_port",
      ".gateway.nat_rules[].translated", ".gateway.nat_rules[].translated_port",
      ".gateway.firewall_rules[].action", ".gateway.firewall_rules[].direction",
      ".gateway.firewall_rules[].protocol", ".gateway.firewall_rules[].source",
      ".gateway.firewall_rules[].source_port",
      ".gateway.firewall_rules[].destination",
      ".gateway.firewall_rules[].destination_port"},
     Generation::kG1},
    {"domains", "/domains"},
    {"domain", "/domains/{d}"},
    {"domain-records", "/domains/{d}/records"},
    {"domain-record", "/domains/{d}/records/9001"},
    {"ssh-keys", "/ssh-keys"},
    {"ssh-key", "/ssh-keys/{k}"},
    {"affinity-groups", "/affinity-groups"},
    {"affinity-group", "/affinity-groups/{g}"},
    {"k8s-clusters", "/k8s_clusters"},
    {"k8s-cluster", "/k8s_clusters/{u}"},
    {"k8s-node-groups", "/k8s_clusters/{u}/node_groups"},
    {"k8s-node-group", "/k8s_clusters/{u}/node_groups/{ug}"},
    {"k8s-versions", "/k8s_versions"},
    {"k8s-versions", "/k8s_clusters/{u}/k8s_versions"},
    {"locations", "/locations"},
    {"images", "/images"},
    {"applications", "/applications"},
    {"applications-older-deployment", "/applications", {}, Generation::kG1},
    {"vmware-servers", "/vmware/servers", {".servers[].nics[].bandwidth_mbps"}},
    {"vmware-server", "/vmware/servers/{w}", {".server.nics[].bandwidth_mbps"}},
    {"vmware-volumes", "/vmware/servers/{w}/volumes"},
    {"vmware-volume", "/vmware/servers/{w}/volumes/{wv}"},
    {"vmware-nics", "/vmware/servers/{w}/nics", {".nics[].bandwidth_mbps"}},
    {"vmware-snapshot", "/vmware/servers/{w}/snapshot"},
    {"vmware-networks", "/vmware/networks"},
    {"vmware-network", "/vmware/networks/{wn}"},
    {"vmware-locations", "/vmware/locations"},
    {"vmware-images", "/vmware/images"},
    {"vmware-gpu-models", "/vmware/gpu-models"},
    {"task-already-completed", "/tasks/already_completed_task"},
};

INSTANTIATE_TEST_SUITE_P(Examples, ShapeTest, testing::ValuesIn(kCases));

TEST(ServerShapeTest, OldAndNewContractsDifferAsTheyShould) {
  for (const Generation generation : {Generation::kG1, Generation::kG2}) {
    Simulator simulator(
        Options{.servers_per_project = 1, .generation = generation});
    const bool newer = generation == Generation::kG2;
    simulator.Start();
    const json servers =
        json::parse(RawGet(simulator, "/servers")).at("servers");
    EXPECT_EQ(servers.at(0).contains("application_ids"), newer);
    EXPECT_TRUE(servers.at(0).contains("tags"));
  }
}

}  // namespace
}  // namespace serverspace::sim
