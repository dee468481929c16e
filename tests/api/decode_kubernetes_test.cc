#include "api/decode_fixture.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class DecodeKubernetesTest : public DecodeFixture {};

TEST_F(DecodeKubernetesTest, ReadsClusters) {
  const auto clusters = Good(ReadClusters, Example("k8s-clusters.json"));
  ASSERT_THAT(clusters, SizeIs(1));
  const Cluster& cluster = clusters[0];
  EXPECT_EQ(cluster.id, "412");
  EXPECT_EQ(cluster.name, "shop");
  EXPECT_EQ(cluster.location, "am2");
  EXPECT_EQ(cluster.version, "1.29.4");
  EXPECT_EQ(cluster.high_availability, true);
  EXPECT_THAT(cluster.tags, ElementsAre("prod"));
  EXPECT_EQ(cluster.state, "active");
  ASSERT_THAT(cluster.node_groups, SizeIs(1));
  const NodeGroup& group = cluster.node_groups[0];
  EXPECT_EQ(group.id, "71");
  EXPECT_EQ(group.name, "workers");
  EXPECT_EQ(group.state, "active");
  EXPECT_EQ(group.node_cpu_cores, 4);
  EXPECT_EQ(group.node_memory_bytes, 8'589'934'592);
  EXPECT_EQ(group.nodes, 3);
  EXPECT_EQ(group.servers, 3);
  EXPECT_EQ(group.ingress, true);
  ExpectNoDrift();
}

TEST_F(DecodeKubernetesTest, TakesIdsThatAreNumbers) {
  const auto clusters =
      Good(ReadClusters,
           R"({"kubernetes_clusters":[{"id":412,"node_groups":[{"id":71}]}]})");
  ASSERT_THAT(clusters, SizeIs(1));
  EXPECT_EQ(clusters[0].id, "412");
  ASSERT_THAT(clusters[0].node_groups, SizeIs(1));
  EXPECT_EQ(clusters[0].node_groups[0].id, "71");
}

TEST_F(DecodeKubernetesTest, PassesStatesThatNobodyKnew) {
  const auto clusters =
      Good(ReadClusters,
           R"({"kubernetes_clusters":[{"id":"1","state":"Upgrading",
               "node_groups":[{"id":"2","state":"Scaling"}]}]})");
  ASSERT_THAT(clusters, SizeIs(1));
  EXPECT_EQ(clusters[0].state, "upgrading");
  EXPECT_EQ(clusters[0].node_groups[0].state, "scaling");
  EXPECT_THAT(
      observer_.unknown(),
      testing::UnorderedElementsAre("kubernetes_clusters.state",
                                    "kubernetes_clusters.node_groups.state"));
}

}  // namespace
}  // namespace serverspace::api
