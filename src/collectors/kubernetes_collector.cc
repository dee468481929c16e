#include <algorithm>

#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"
#include "collectors/operations.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kClusters = {"serverspace_kubernetes_clusters",
                            Type::kGauge,
                            "Number of Kubernetes clusters.",
                            {}};
constexpr Desc kInfo = {
    "serverspace_kubernetes_cluster_info",
    Type::kInfo,
    "A Kubernetes cluster; join its name and tags on cluster_id.",
    {"cluster_id", "name", "location", "version", "tags"}};
constexpr Desc kState = {"serverspace_kubernetes_cluster_state",
                         Type::kGauge,
                         "1 for the state that the Kubernetes cluster is in.",
                         {"cluster_id", "state"}};
constexpr Desc kHighAvailability = {
    "serverspace_kubernetes_cluster_high_availability",
    Type::kGauge,
    "1 if the control plane of the Kubernetes cluster is highly available, "
    "else 0.",
    {"cluster_id"}};
constexpr Desc kGroupInfo = {"serverspace_kubernetes_node_group_info",
                             Type::kInfo,
                             "A node group of a Kubernetes cluster.",
                             {"cluster_id", "node_group_id", "name"}};
constexpr Desc kGroupState = {"serverspace_kubernetes_node_group_state",
                              Type::kGauge,
                              "1 for the state that the node group is in.",
                              {"cluster_id", "node_group_id", "state"}};
constexpr Desc kGroupNodes = {"serverspace_kubernetes_node_group_nodes",
                              Type::kGauge,
                              "Nodes that the node group is set up to have.",
                              {"cluster_id", "node_group_id"}};
constexpr Desc kGroupServers = {
    "serverspace_kubernetes_node_group_servers",
    Type::kGauge,
    "Servers that are listed as nodes of the node group.",
    {"cluster_id", "node_group_id"}};
constexpr Desc kGroupCpu = {"serverspace_kubernetes_node_group_node_cpu_cores",
                            Type::kGauge,
                            "CPU cores of each node of the node group.",
                            {"cluster_id", "node_group_id"}};
constexpr Desc kGroupMemory = {
    "serverspace_kubernetes_node_group_node_memory_bytes",
    Type::kGauge,
    "Memory of each node of the node group.",
    {"cluster_id", "node_group_id"}};
constexpr Desc kGroupIngress = {
    "serverspace_kubernetes_node_group_ingress",
    Type::kGauge,
    "1 if the node group takes incoming traffic, else 0.",
    {"cluster_id", "node_group_id"}};

constexpr const Desc* kDescs[] = {&kClusters,
                                  &kInfo,
                                  &kState,
                                  &kHighAvailability,
                                  &kGroupInfo,
                                  &kGroupState,
                                  &kGroupNodes,
                                  &kGroupServers,
                                  &kGroupCpu,
                                  &kGroupMemory,
                                  &kGroupIngress,
                                  &kOperationsInProgress,
                                  &kOperationsOldestStart};

void AddNodeGroup(const api::Cluster& cluster, const api::NodeGroup& group,
                  metrics::SampleSet& out) {
  out.Add(kGroupInfo, {cluster.id, group.id, group.name}, 1);
  out.AddStates(kGroupState, {cluster.id, group.id}, group.state,
                api::kClusterStates);
  if (group.nodes) out.Add(kGroupNodes, {cluster.id, group.id}, *group.nodes);
  if (group.servers)
    out.Add(kGroupServers, {cluster.id, group.id}, *group.servers);
  if (group.node_cpu_cores)
    out.Add(kGroupCpu, {cluster.id, group.id}, *group.node_cpu_cores);
  if (group.node_memory_bytes)
    out.Add(kGroupMemory, {cluster.id, group.id}, *group.node_memory_bytes);
  if (group.ingress)
    out.Add(kGroupIngress, {cluster.id, group.id}, *group.ingress);
}

void AddCluster(const api::Cluster& cluster, metrics::SampleSet& out) {
  out.Add(kInfo,
          {cluster.id, cluster.name, cluster.location, cluster.version,
           JoinTags(cluster.tags)},
          1);
  out.AddStates(kState, {cluster.id}, cluster.state, api::kClusterStates);
  if (cluster.high_availability)
    out.Add(kHighAvailability, {cluster.id}, *cluster.high_availability);
  for (const api::NodeGroup& group : cluster.node_groups)
    AddNodeGroup(cluster, group, out);
}

/// A change of a node group is one of its cluster.
bool HasChange(const api::Cluster& cluster) {
  return IsUnsettled(cluster.state) ||
         std::ranges::any_of(cluster.node_groups, IsUnsettled,
                             &api::NodeGroup::state);
}

class KubernetesCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListClusters(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Cluster>& clusters = answer.value();
    std::vector<std::string_view> unsettled;
    for (const api::Cluster& cluster : clusters) {
      AddCluster(cluster, out);
      if (HasChange(cluster)) unsettled.push_back(cluster.id);
    }
    out.Add(kClusters, {}, clusters.size());
    AddOperations(run, "kubernetes_cluster", unsettled, out);
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeKubernetesCollector() {
  return std::make_unique<KubernetesCollector>();
}

}  // namespace serverspace::collectors
