#include <chrono>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/test_client.h"

namespace serverspace::sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

const json kOrder = {{"location_id", "am2"},
                     {"image_id", "Debian-12-X64"},
                     {"cpu", 2},
                     {"ram_mb", 4096},
                     {"name", "fresh"},
                     {"volumes",
                      {{{"name", "boot"}, {"size_mb", 25600}},
                       {{"name", "data"}, {"size_mb", 10240}}}},
                     {"networks", {{{"bandwidth_mbps", 50}}}},
                     {"tags", {"new"}}};

class TasksTest : public SimulatorFixture {
 protected:
  TasksTest() = default;
  explicit TasksTest(const Options& options) : SimulatorFixture(options) {}

  std::string AnyServer() {
    return Get("/servers").body.at("servers").at(0).at("id");
  }
  json Servers() { return Get("/servers").body.at("servers"); }
  json Server(const std::string& id) {
    return Get("/servers/" + id).body.at("server");
  }
  json Task(const std::string& id) {
    return Get("/tasks/" + id).body.at("task");
  }
  /// The task id of an answer.
  std::string Start(const std::string& method, const std::string& path,
                    const json& body = nullptr) {
    const Answer answer = Call(method, path, body);
    EXPECT_LT(answer.status, 300) << answer.text;
    return answer.body.value("task_id", "none");
  }
  int ErrorCode(const Answer& answer) {
    return answer.body.at("errors").at(0).at("code");
  }
};

TEST_F(TasksTest, AnOrderIsNewThenActive) {
  const std::string task = Start("POST", "/servers", kOrder);
  EXPECT_EQ(Task(task).at("is_completed"), "New");
  EXPECT_FALSE(Task(task).contains("server_id"));
  EXPECT_FALSE(Task(task).contains("completed"));
  json listed;
  for (const json& server : Servers()) {
    if (server.at("name") == "fresh") listed = server;
  }
  EXPECT_EQ(listed.at("state"), "New");
  EXPECT_FALSE(listed.at("nics").at(0).contains("ip_address"));

  simulator().AdvanceTime(seconds(10));
  EXPECT_EQ(Task(task).at("is_completed"), "InProgress");
  EXPECT_GT(Task(task).at("progress_percent"), 0);
  simulator().AdvanceTime(seconds(100));
  const json ended = Task(task);
  EXPECT_EQ(ended.at("is_completed"), "Completed");
  EXPECT_EQ(ended.at("progress_percent"), 100);
  EXPECT_EQ(ended.at("server_id"), listed.at("id"));
  EXPECT_EQ(ended.at("resources").at(0),
            json({{"type", "server"}, {"id", listed.at("id")}}));
  EXPECT_TRUE(ended.at("volume_id").is_number());
  const json made = Server(listed.at("id"));
  EXPECT_EQ(made.at("state"), "Active");
  EXPECT_EQ(made.at("is_power_on"), true);
  EXPECT_TRUE(made.at("nics").at(0).contains("ip_address"));
  EXPECT_EQ(made.at("volumes").at(0).at("name"), "boot");
}

TEST_F(TasksTest, AChangedServerIsBusyLongerThanItsTask) {
  const std::string id = AnyServer();
  const std::string task = Start("POST", "/servers/" + id + "/power/off");
  EXPECT_EQ(Server(id).at("state"), "Busy");
  // Ends the task now; the server needs three seconds more.
  Control("PATCH", "/_sim/tasks/" + task, {{"outcome", "Completed"}});
  EXPECT_EQ(Task(task).at("is_completed"), "Completed");
  EXPECT_EQ(Server(id).at("state"), "Busy");
  EXPECT_EQ(Server(id).at("is_power_on"), false);
  simulator().AdvanceTime(seconds(4));
  EXPECT_EQ(Server(id).at("state"), "Active");
}

TEST_F(TasksTest, ASecondChangeMeanwhileIsAConflict) {
  const std::string id = AnyServer();
  Start("PATCH", "/servers/" + id, {{"cpu", 8}});
  const Answer second =
      Call("PUT", "/servers/" + id + "/name", {{"name", "x"}});
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(ErrorCode(second), -4000);
  EXPECT_EQ(Call("DELETE", "/servers/" + id).status, 400);
}

TEST_F(TasksTest, ADeletedServerVanishes) {
  const std::string id = AnyServer();
  const Answer deleted = Call("DELETE", "/servers/" + id);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.text, "");
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 3U);
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get("/servers/" + id).status, 404);
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 2U);
}

TEST_F(TasksTest, ADeletionTellsItsTaskWhenAsked) {
  const std::string task =
      Start("DELETE", "/servers/" + AnyServer() + "?return_task=true");
  EXPECT_TRUE(task.starts_with("lt"));
  EXPECT_EQ(Task(task).at("type"), "DeleteServer");
}

TEST_F(TasksTest, AFailedChangeChangesNothing) {
  const std::string id = AnyServer();
  const json before = Server(id);
  Control("POST", "/_sim/tasks/fate", {{"outcome", "Failed"}});
  const std::string task =
      Start("PATCH", "/servers/" + id, {{"cpu", 16}, {"ram_mb", 32768}});
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Task(task).at("is_completed"), "Failed");
  EXPECT_EQ(Server(id), before);
}

TEST_F(TasksTest, AFailedOrderLeavesNoServer) {
  Control("POST", "/_sim/tasks/fate",
          {{"outcome", "Canceled"}, {"type", "CreateServer"}});
  const std::string task = Start("POST", "/servers", kOrder);
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 4U);
  simulator().AdvanceTime(seconds(100));
  EXPECT_EQ(Task(task).at("is_completed"), "Canceled");
  EXPECT_EQ(Get("/servers").body.at("servers").size(), 3U);
}

TEST_F(TasksTest, AForgottenTaskIs404) {
  const json made =
      Control("POST", "/_sim/tasks",
              {{"project", "project-0"}, {"duration_seconds", 5}});
  const std::string task = made.at("task_id");
  EXPECT_EQ(Get("/tasks/" + task).status, 200);
  Control("DELETE", "/_sim/tasks/" + task);
  EXPECT_EQ(Get("/tasks/" + task).status, 404);
}

TEST_F(TasksTest, EachFamilyHasItsIds) {
  std::set<std::string> prefixes;
  for (const char* family : {"vstack", "dns", "vmware", "kubernetes"}) {
    const std::string id =
        Control("POST", "/_sim/tasks",
                {{"project", "project-0"}, {"family", family}})
            .at("task_id");
    prefixes.insert(id.substr(0, id.find_first_of("0123456789", 2)));
  }
  EXPECT_EQ(prefixes, (std::set<std::string>{"l3t", "dns", "vmw", "k8s_f"}));
}

TEST_F(TasksTest, RefusesWhatNobodySells) {
  const auto ordered = [&](const char* member, const json& value) {
    json order = kOrder;
    order[member] = value;
    return Call("POST", "/servers", order).status;
  };
  EXPECT_EQ(ordered("cpu", 3), 400);
  EXPECT_EQ(ordered("image_id", "Nothing-1"), 400);
  EXPECT_EQ(ordered("location_id", "ds1"), 400);
  EXPECT_EQ(ordered("volumes", {{{"size_mb", 22528}}}), 400);
  EXPECT_EQ(ordered("networks", {{{"bandwidth_mbps", 55}}}), 400);
  EXPECT_EQ(ErrorCode(Call("POST", "/servers", json::array())), -2002);
}

TEST_F(TasksTest, PricesAnOrder) {
  const json answer = Call("POST", "/servers/price", kOrder).body;
  EXPECT_GT(answer.at("price").get<double>(), 0);
}

TEST_F(TasksTest, VolumesGrowOnly) {
  const std::string id = AnyServer();
  const std::string path = "/servers/" + id + "/volumes";
  Start("POST", path, {{"name", "extra"}, {"size_mb", 10240}});
  simulator().AdvanceTime(seconds(20));
  const json extra = Server(id).at("volumes").back();
  EXPECT_EQ(extra.at("name"), "extra");
  const std::string one = path + "/" + extra.at("id").dump();
  EXPECT_EQ(Call("PUT", one, {{"size_mb", 5120}}).status, 400);
  Start("PUT", one, {{"size_mb", 20480}});
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get(one).body.at("volume").at("size_mb"), 20480);
  EXPECT_EQ(Call("DELETE", one).status, 200);
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get(one).status, 404);
  const std::string boot =
      path + "/" + Server(id).at("volumes").at(0).at("id").dump();
  EXPECT_EQ(Call("DELETE", boot).status, 400);
}

TEST_F(TasksTest, SnapshotsComeAndGo) {
  const std::string path = "/servers/" + AnyServer() + "/snapshots";
  const std::size_t before = Get(path).body.at("snapshots").size();
  const std::string task = Start("POST", path, {{"name", "now"}});
  simulator().AdvanceTime(seconds(20));
  EXPECT_FALSE(Task(task).contains("snapshot_id"));
  const json made = Get(path).body.at("snapshots").back();
  EXPECT_EQ(made.at("name"), "now");
  const std::string one = path + "/" + made.at("id").dump();
  Start("POST", one + "/rollback", json::object());
  simulator().AdvanceTime(seconds(20));
  const std::string removal = Start("DELETE", one + "?return_task=true");
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Task(removal).at("snapshot_id"), made.at("id"));
  EXPECT_EQ(Get(path).body.at("snapshots").size(), before);
}

TEST_F(TasksTest, TagsChangeWithoutATask) {
  const std::string path = "/servers/" + AnyServer();
  EXPECT_EQ(Call("POST", path + "/tags", {{"value", "blue green"}}).body,
            json({{"value", "blue green"}}));
  EXPECT_EQ(Get(path).body.at("server").at("tags").back(), "blue green");
  EXPECT_EQ(Call("DELETE", path + "/tags/blue%20green").status, 200);
  EXPECT_EQ(Call("DELETE", path + "/tags/blue%20green").status, 404);
}

TEST_F(TasksTest, BackupsFailBehindACompletedTask) {
  const std::string path = "/servers/" + AnyServer() + "/backup/restore-points";
  const Answer answer = Call("POST", path, {{"name", "fail-this"}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(Get(path).body.at("restore_points").back().at("state"),
            "in_progress");
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Task(answer.body.at("task_id")).at("is_completed"), "Completed");
  EXPECT_EQ(Get(path).body.at("restore_points").back().at("state"), "failed");
}

TEST_F(TasksTest, AnUnchangedBackupPlanHasNothingToDo) {
  const std::string path = "/servers/" + AnyServer() + "/backup";
  const json plan = {{"schedule",
                      {{"hour", 1},
                       {"minute", 0},
                       {"daily", {{"keep", 3}, {"backup_storage_id", 6}}}}}};
  Call("DELETE", path);
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get(path).body, json({{"enabled", false}}));
  EXPECT_NE(Start("POST", path, plan), "already_completed_task");
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get(path).body.at("schedule").at("hour"), 1);
  EXPECT_EQ(Start("PUT", path, plan), "already_completed_task");
}

TEST_F(TasksTest, ANetworkInUseIsNotDeleted) {
  const json networks = Get("/networks/isolated").body.at("isolated_networks");
  const std::string used = networks.at(0).at("id");
  const std::string free = networks.at(1).at("id");
  EXPECT_EQ(ErrorCode(Call("DELETE", "/networks/isolated/" + used)), -19511);
  EXPECT_EQ(Call("DELETE", "/networks/isolated/" + free).status, 200);
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Get("/networks/isolated/" + free).status, 404);
  EXPECT_EQ(Call("PUT", "/networks/isolated/" + used, {{"name", "n"}})
                .body.at("isolated_network")
                .at("name"),
            "n");
}

TEST_F(TasksTest, AGatewayIsBusyAfterItsTask) {
  const std::string id = Get("/gateways").body.at("gateways").at(0).at("id");
  const std::string task = Start("POST", "/gateways/" + id + "/stop");
  simulator().AdvanceTime(seconds(26));
  EXPECT_EQ(Task(task).at("is_completed"), "Completed");
  EXPECT_EQ(Task(task).at("gateway_id"), id);
  EXPECT_EQ(Get("/gateways/" + id).body.at("gateway").at("state"), "Busy");
  EXPECT_EQ(Get("/gateways/" + id).body.at("gateway").at("powered_on"), false);
  simulator().AdvanceTime(seconds(8));
  EXPECT_EQ(Get("/gateways/" + id).body.at("gateway").at("state"), "Active");
  EXPECT_EQ(Call("DELETE", "/gateways/l3e1").status, 500);
}

TEST_F(TasksTest, AGatewayOrderTakesOneToThreeNetworks) {
  const std::string network =
      Get("/networks/isolated").body.at("isolated_networks").at(0).at("id");
  json order = {{"location_id", "am2"},
                {"name", "g"},
                {"bandwidth_mbps", 100},
                {"network_ids", json::array()}};
  EXPECT_EQ(Call("POST", "/gateways", order).status, 400);
  order["network_ids"] = {network};
  Start("POST", "/gateways", order);
  EXPECT_EQ(Get("/gateways").body.at("gateways").size(), 2U);
  order["bandwidth_mbps"] = 5;
  EXPECT_EQ(ErrorCode(Call("POST", "/gateways", order)), -12041);
}

TEST_F(TasksTest, DomainsAreFoundWithAndWithoutTheDot) {
  const std::string task =
      Start("POST", "/domains", {{"name", "New.Example.com"}});
  EXPECT_TRUE(task.starts_with("dns"));
  EXPECT_EQ(Get("/domains/new.example.com").body.at("domain").at("name"),
            "new.example.com.");
  EXPECT_EQ(Get("/domains/new.example.com.").status, 200);
  EXPECT_FALSE(
      Get("/domains/new.example.com").body.at("domain").contains("records"));
  simulator().AdvanceTime(seconds(20));
  const json text = {{"name", "new.example.com."},
                     {"type", "txt"},
                     {"text", "hello"},
                     {"ttl", "5m"}};
  const std::string record =
      Start("POST", "/domains/new.example.com/records", text);
  simulator().AdvanceTime(seconds(20));
  EXPECT_EQ(Task(record).at("domain_id"), "new.example.com.");
  const json made =
      Get("/domains/new.example.com/records").body.at("records").at(0);
  EXPECT_EQ(made.at("id"), Task(record).at("record_id"));
  EXPECT_EQ(made.at("type"), "TXT");
  EXPECT_EQ(made.at("text"), "\"hello\"");
  EXPECT_EQ(ErrorCode(Call("POST", "/domains/new.example.com/records", text)),
            -5542);
}

TEST_F(TasksTest, KeysAndGroupsChangeAtOnce) {
  const json key = Call("POST", "/ssh-keys",
                        {{"name", "k"}, {"public_key", "ssh-ed25519 A"}})
                       .body;
  EXPECT_TRUE(key.at("id").is_number());
  EXPECT_EQ(Call("DELETE", "/ssh-keys/" + key.at("id").dump()).text, "");
  const json group =
      Call("POST", "/affinity-groups",
           {{"name", "g"}, {"location_id", "am2"}, {"affinity", true}})
          .body;
  const std::string path =
      "/affinity-groups/" +
      group.at("affinity_group").at("id").get<std::string>();
  EXPECT_EQ(Start("DELETE", path + "?return_task=true"),
            "already_completed_task");
}

TEST_F(TasksTest, AVmwareOrderTellsServerAndTask) {
  const json order = Call("POST", "/vmware/servers",
                          {{"name", "v"}, {"location_id", 7}, {"cpu", 2}})
                         .body;
  const std::string path = "/vmware/servers/" + order.at("server_id").dump();
  EXPECT_EQ(Get(path).body.at("server").at("state"), "creating");
  simulator().AdvanceTime(seconds(1300));
  const json task = Task(order.at("task_id"));
  EXPECT_EQ(task.at("is_completed"), "Completed");
  EXPECT_FALSE(task.contains("server_id"));
  EXPECT_EQ(task.at("resources").at(0).at("id"), order.at("server_id").dump());
  EXPECT_EQ(Get(path).body.at("server").at("state"), "active");
  Start("POST", path + "/power/off");
  EXPECT_EQ(ErrorCode(Call("POST", path + "/power/on")), -4000);
  simulator().AdvanceTime(seconds(25));
  EXPECT_EQ(Get(path).body.at("server").at("state"), "powered_off");
  EXPECT_TRUE(Call("POST", path + "/nested-hypervisor/disable")
                  .body.at("task_id")
                  .is_null());
  Start("DELETE", path);
  EXPECT_EQ(Get(path).body.at("server").at("state"), "deleting");
  simulator().AdvanceTime(seconds(40));
  EXPECT_EQ(Get(path).status, 404);
}

TEST_F(TasksTest, ARebuiltVmwareServerHasANewId) {
  const std::string id =
      Get("/vmware/servers").body.at("servers").at(0).at("id").dump();
  const json rebuilt =
      Call("POST", "/vmware/servers/" + id + "/rebuild", {{"image_id", 52}})
          .body;
  EXPECT_NE(rebuilt.at("server_id").dump(), id);
  simulator().AdvanceTime(seconds(1490));
  EXPECT_EQ(Get("/vmware/servers/" + id).body.at("server").at("state"),
            "deleting");
  simulator().AdvanceTime(seconds(400));
  EXPECT_EQ(Get("/vmware/servers/" + id).status, 404);
}

TEST_F(TasksTest, VmwareMindsUnknownLocations) {
  EXPECT_EQ(ErrorCode(Get("/vmware/servers?location_id=99")), -8049);
  EXPECT_EQ(Get("/vmware/servers?location_id=9").body.at("servers").size(), 0U);
  EXPECT_EQ(Get("/vmware/servers?location_id=").status, 500);
  EXPECT_EQ(Get("/vmware/disk-types").status, 404);
}

TEST_F(TasksTest, VmwareNetworksAreCreatedOverTime) {
  const json order = {{"location_id", 7}, {"name", "net"}};
  const std::string task = Start("POST", "/vmware/networks/routed", order);
  const json made = Get("/vmware/networks").body.at("networks").back();
  EXPECT_EQ(made.at("state"), "creating");
  simulator().AdvanceTime(seconds(65));
  EXPECT_EQ(Task(task).at("is_completed"), "Completed");
  const std::string path = "/vmware/networks/" + made.at("id").dump();
  EXPECT_EQ(Get(path).body.at("network").at("state"), "active");
  Start("PUT", path + "/edge/vpn",
        {{"enabled", true},
         {"tunnels", {{{"name", "hq"}, {"shared_key", "SIM-SECRET-KEY"}}}}});
  simulator().AdvanceTime(seconds(30));
  EXPECT_EQ(Get(path + "/edge/vpn").text.find("SIM-SECRET-KEY"),
            std::string::npos);
}

TEST_F(TasksTest, ConnectsManyVmwareServersAtOnce) {
  const json servers = Get("/vmware/servers").body.at("servers");
  const std::string network =
      Get("/vmware/networks").body.at("networks").at(0).at("id").dump();
  const json tasks = Call("POST", "/vmware/networks/" + network + "/servers",
                          {{"nics",
                            {{{"server_id", servers.at(0).at("id")}},
                             {{"server_id", servers.at(1).at("id")}}}}})
                         .body.at("task_ids");
  EXPECT_EQ(tasks.size(), 2U);
}

TEST_F(TasksTest, KubernetesTasksNameTheirCluster) {
  const std::string task =
      Start("POST", "/k8s_clusters", {{"name", "c"}, {"location_id", "am2"}});
  EXPECT_EQ(Task(task).at("k8s_cluster_id"),
            Task(task).at("resources").at(0).at("id"));
}

TEST_F(TasksTest, NodeGroupsComeChangeAndGoWhileTheirClusterIsBusy) {
  const std::string path =
      "/k8s_clusters/" + Get("/k8s_clusters")
                             .body.at("kubernetes_clusters")
                             .at(0)
                             .at("id")
                             .get<std::string>();
  const auto cluster = [&] { return Get(path).body.at("kubernetes_cluster"); };
  const auto groups = [&] {
    return Get(path + "/node_groups").body.at("node_groups");
  };
  const std::size_t before = groups().size();

  const json order = {
      {"name", "spare"}, {"number_of_nodes", 3}, {"cpu_per_node", 8}};
  const std::string task = Start("POST", path + "/node_groups", order);
  EXPECT_TRUE(task.starts_with("k8s_"));
  EXPECT_EQ(cluster().at("state"), "Busy");
  EXPECT_EQ(ErrorCode(Call("POST", path + "/node_groups", order)), -4000);
  simulator().AdvanceTime(seconds(700));
  EXPECT_EQ(cluster().at("state"), "Active");
  ASSERT_EQ(groups().size(), before + 1);
  const json made = groups().back();
  EXPECT_EQ(made.at("name"), "spare");
  EXPECT_EQ(made.at("nodes").size(), 3U);

  const std::string group =
      path + "/node_groups/" + made.at("id").get<std::string>();
  Start("PUT", group, {{"number_of_nodes", 1}});
  simulator().AdvanceTime(seconds(700));
  EXPECT_EQ(Get(group).body.at("node_group").at("number_of_nodes"), 1);
  Start("DELETE", group);
  simulator().AdvanceTime(seconds(700));
  EXPECT_EQ(Get(group).status, 404);
  EXPECT_EQ(groups().size(), before);
}

TEST_F(TasksTest, AFailedOrderOfANodeGroupChangesNothing) {
  const std::string path =
      "/k8s_clusters/" + Get("/k8s_clusters")
                             .body.at("kubernetes_clusters")
                             .at(0)
                             .at("id")
                             .get<std::string>();
  const json before = Get(path + "/node_groups").body;
  const std::string task = Start("POST", path + "/node_groups",
                                 {{"name", "spare"}, {"number_of_nodes", 2}});
  Control("PATCH", "/_sim/tasks/" + task, {{"outcome", "Failed"}});
  simulator().AdvanceTime(seconds(700));
  EXPECT_EQ(Get(path + "/node_groups").body, before);
  for (const json& bad : {json({{"name", "x"}}), json({{"number_of_nodes", 1}}),
                          json({{"name", "x"}, {"number_of_nodes", 0}})}) {
    EXPECT_EQ(Call("POST", path + "/node_groups", bad).status, 400) << bad;
  }
}

TEST_F(TasksTest, AReverseRecordIsSeenInItsTaskOnly) {
  const std::string task =
      Control("POST", "/_sim/tasks",
              {{"project", "project-0"},
               {"type", "CreatePtrRecord"},
               {"family", "dns"},
               {"resources", {{{"type", "ptr"}, {"id", "9002"}}}}})
          .at("task_id");
  EXPECT_TRUE(task.starts_with("dns"));
  simulator().AdvanceTime(seconds(20));
  const json ended = Task(task);
  EXPECT_EQ(ended.at("type"), "CreatePtrRecord");
  EXPECT_EQ(ended.at("resources"),
            json::array({{{"type", "ptr"}, {"id", "9002"}}}));
  for (const char* member : {"record_id", "domain_id"})
    EXPECT_FALSE(ended.contains(member));
}

class OldTasksTest : public TasksTest {
 protected:
  OldTasksTest() : TasksTest(Options{.generation = Generation::kG1}) {}
};

TEST_F(OldTasksTest, TellOneIdPerResource) {
  const std::string task =
      Start("PATCH", "/servers/" + AnyServer(), {{"cpu", 1}, {"ram_mb", 1024}});
  simulator().AdvanceTime(seconds(20));
  const json ended = Task(task);
  EXPECT_EQ(ended.at("server_id"), AnyServer());
  for (const char* member : {"type", "progress_percent", "resources"})
    EXPECT_FALSE(ended.contains(member));
}

TEST_F(OldTasksTest, DeletionsTellNoTask) {
  EXPECT_EQ(
      Call("DELETE", "/servers/" + AnyServer() + "?return_task=true").text, "");
}

TEST_F(OldTasksTest, NewerSectionsAreMissing) {
  for (const char* path : {"/vmware/servers", "/vmware/networks",
                           "/backup/storages?location_id=am2"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("/servers/" + AnyServer() + "/backup").status, 404);
}

}  // namespace
}  // namespace serverspace::sim
