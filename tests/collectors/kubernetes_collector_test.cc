#include "collectors/example_fixture.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

class KubernetesCollectorTest : public ExampleFixture {
 protected:
  std::string Lines() { return Collect(*collector_); }

  const std::unique_ptr<Collector> collector_ = MakeKubernetesCollector();
};

TEST_F(KubernetesCollectorTest, TellsAllOfTheExample) {
  client_.clusters = AnswerExample(api::ReadClusters, "k8s-clusters.json");
  EXPECT_EQ(
      Lines(),
      R"(serverspace_kubernetes_cluster_high_availability{project="prod",cluster_id="412"} 1
serverspace_kubernetes_cluster_info{project="prod",cluster_id="412",name="shop",location="am2",version="1.29.4",tags=",prod,"} 1
serverspace_kubernetes_cluster_state{project="prod",cluster_id="412",state="new"} 0
serverspace_kubernetes_cluster_state{project="prod",cluster_id="412",state="active"} 1
serverspace_kubernetes_cluster_state{project="prod",cluster_id="412",state="busy"} 0
serverspace_kubernetes_cluster_state{project="prod",cluster_id="412",state="blocked"} 0
serverspace_kubernetes_clusters{project="prod"} 1
serverspace_kubernetes_node_group_info{project="prod",cluster_id="412",node_group_id="71",name="workers"} 1
serverspace_kubernetes_node_group_ingress{project="prod",cluster_id="412",node_group_id="71"} 1
serverspace_kubernetes_node_group_node_cpu_cores{project="prod",cluster_id="412",node_group_id="71"} 4
serverspace_kubernetes_node_group_node_memory_bytes{project="prod",cluster_id="412",node_group_id="71"} 8589934592
serverspace_kubernetes_node_group_nodes{project="prod",cluster_id="412",node_group_id="71"} 3
serverspace_kubernetes_node_group_servers{project="prod",cluster_id="412",node_group_id="71"} 3
serverspace_kubernetes_node_group_state{project="prod",cluster_id="412",node_group_id="71",state="new"} 0
serverspace_kubernetes_node_group_state{project="prod",cluster_id="412",node_group_id="71",state="active"} 1
serverspace_kubernetes_node_group_state{project="prod",cluster_id="412",node_group_id="71",state="busy"} 0
serverspace_kubernetes_node_group_state{project="prod",cluster_id="412",node_group_id="71",state="blocked"} 0
serverspace_operations_in_progress{project="prod",resource="kubernetes_cluster"} 0
)");
}

TEST_F(KubernetesCollectorTest, CountsAClusterOnceWhateverChangesInIt) {
  client_.clusters = Answer(api::ReadClusters, R"({"kubernetes_clusters":[
      {"id":"1","state":"Busy","node_groups":[{"id":"2","state":"Busy"}]},
      {"id":"3","state":"Active","node_groups":[{"id":"4","state":"New"},
                                                {"id":"5","state":"Busy"}]},
      {"id":"6","state":"Upgrading"}]})");
  const std::string lines = Lines();
  EXPECT_TRUE(Has(lines, "resource=\"kubernetes_cluster\"} 2\n"));
  EXPECT_TRUE(Has(lines,
                  "cluster_state{project=\"prod\",cluster_id=\"6\","
                  "state=\"upgrading\"} 1\n"));
}

TEST_F(KubernetesCollectorTest, PassesErrorsOn) {
  client_.clusters = Fails(ErrorCode::kNotFound);
  EXPECT_EQ(Lines(), "error: GET /x: no");
}

}  // namespace
}  // namespace serverspace::collectors
