#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/operation.h"
#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

// Kubernetes (API reference 2.14): known from one older client only.

namespace serverspace::sim {
namespace {

Cluster* FindCluster(ApiCall& call) {
  const auto found = call.project.clusters.find(call.number(0));
  return found == call.project.clusters.end() ? nullptr : &found->second;
}

void RenderNodeGroup(JsonWriter& json, const NodeGroup& group) {
  json.BeginObject()
      .Field("id", std::to_string(group.id))
      .Field("name", group.name);
  json.Field("cpu_per_node", group.cpu_per_node)
      .Field("ram_per_node", group.ram_per_node);
  json.Field("number_of_nodes", group.nodes.size())
      .ArrayField("nodes", group.nodes);
  json.Field("ingress", group.ingress)
      .Field("state", group.state)
      .ArrayField("tags", group.tags)
      .EndObject();
}

void RenderCluster(JsonWriter& json, const Cluster& cluster) {
  json.BeginObject()
      .Field("id", std::to_string(cluster.id))
      .Field("location_id", cluster.location_id);
  json.Field("name", cluster.name).Field("version", cluster.version);
  json.Field("high_availability", cluster.high_availability)
      .Key("node_groups")
      .BeginArray();
  for (const NodeGroup& group : cluster.node_groups)
    RenderNodeGroup(json, group);
  json.EndArray()
      .Field("state", cluster.state)
      .ArrayField("tags", cluster.tags)
      .EndObject();
}

Reply ClusterReply(const Cluster& cluster) {
  return Reply::Json(Wrapped("kubernetes_cluster", [&](JsonWriter& json) {
    RenderCluster(json, cluster);
  }));
}

Reply ListClusters(ApiCall& call) {
  return Reply::Json(WrappedList("kubernetes_clusters", call.project.clusters,
                                 [](JsonWriter& json, const auto& entry) {
                                   RenderCluster(json, entry.second);
                                 }));
}

Reply GetCluster(ApiCall& call) {
  const Cluster* cluster = FindCluster(call);
  return cluster == nullptr ? NotFound() : ClusterReply(*cluster);
}

Reply ListNodeGroups(ApiCall& call) {
  const Cluster* cluster = FindCluster(call);
  return cluster == nullptr
             ? NotFound()
             : Reply::Json(WrappedList("node_groups", cluster->node_groups,
                                       RenderNodeGroup));
}

Reply GetNodeGroup(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  const auto group = FindPart(cluster->node_groups, call.number(1));
  if (group == cluster->node_groups.end()) return NotFound();
  return Reply::Json(Wrapped(
      "node_group", [&](JsonWriter& json) { RenderNodeGroup(json, *group); }));
}

Reply ListVersions(ApiCall&) {
  return Reply::Json(R"({"versions":["1.28.9","1.29.4"]})");
}

TaskEngine::Plan Plan(std::string type, const Cluster& cluster) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.family = TaskFamily::kKubernetes;
  plan.min_seconds = 240;
  plan.max_seconds = 600;
  plan.resources = {{"cluster", std::to_string(cluster.id)}};
  return plan;
}

Reply CreateCluster(ApiCall& call) {
  const auto name = Text(call.body, "name");
  const auto location = Text(call.body, "location_id");
  if (!name || !location) return BadBody();
  Cluster cluster;
  cluster.id = call.world.NextNumber("cluster");
  cluster.location_id = *location;
  cluster.name = *name;
  cluster.version = Text(call.body, "version").value_or("1.29.4");
  cluster.state = kNew;
  const Cluster& placed =
      call.project.clusters.emplace(cluster.id, cluster).first->second;
  const Reply started = StartCreation<&Project::clusters>(
      call, placed, Plan("CreateCluster", placed), [](Cluster&, Task&) {});
  // The older client expects the object (API reference 3).
  return call.is_g2() ? started : ClusterReply(placed);
}

Reply UpdateCluster(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  if (!name || name->empty()) return BadBody();
  const Reply started = StartChange<&Project::clusters>(
      call, *cluster, Plan("UpdateCluster", *cluster),
      [name = *name](Cluster& changed, Task&) { changed.name = name; });
  return call.is_g2() || started.status != 200 ? started
                                               : ClusterReply(*cluster);
}

Reply DeleteCluster(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  return StartDeletion<&Project::clusters>(call, *cluster,
                                           Plan("DeleteCluster", *cluster));
}

/// The cluster is busy while one of its node groups changes.
template <typename Apply>
Reply ChangeNodeGroups(ApiCall& call, Cluster& cluster, std::string type,
                       Apply apply) {
  return StartChange<&Project::clusters>(
      call, cluster, Plan(std::move(type), cluster),
      [apply = std::move(apply)](Cluster& changed, Task&) { apply(changed); });
}

void SetNodes(World& world, const Cluster& cluster, NodeGroup& group,
              std::int64_t count) {
  const auto nodes = static_cast<std::size_t>(count);
  if (group.nodes.size() > nodes) group.nodes.resize(nodes);
  while (group.nodes.size() < nodes)
    group.nodes.push_back(world.NextId(cluster.location_id, 's'));
}

constexpr std::int64_t kMostNodes = 100;

/// The number of nodes that the body asks for; nothing if it is none.
std::optional<std::int64_t> WishedNodes(const ApiCall& call) {
  const auto nodes = Integer(call.body, "number_of_nodes");
  return nodes && *nodes >= 1 && *nodes <= kMostNodes ? nodes : std::nullopt;
}

Reply CreateNodeGroup(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  const auto name = Text(call.body, "name");
  const auto nodes = WishedNodes(call);
  if (!name || name->empty() || !nodes) return BadBody();
  NodeGroup group;
  group.id = call.world.NextNumber("node_group");
  group.name = *name;
  group.cpu_per_node =
      static_cast<int>(Integer(call.body, "cpu_per_node").value_or(2));
  group.ram_per_node = Integer(call.body, "ram_per_node").value_or(4096);
  return ChangeNodeGroups(
      call, *cluster, "CreateNodeGroup",
      [&world = call.world, group, count = *nodes](Cluster& changed) {
        NodeGroup made = group;
        SetNodes(world, changed, made, count);
        changed.node_groups.push_back(std::move(made));
      });
}

Reply UpdateNodeGroup(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  if (FindPart(cluster->node_groups, id) == cluster->node_groups.end())
    return NotFound();
  const auto nodes = WishedNodes(call);
  if (!nodes) return BadBody();
  return ChangeNodeGroups(
      call, *cluster, "UpdateNodeGroup",
      [&world = call.world, id, count = *nodes](Cluster& changed) {
        const auto group = FindPart(changed.node_groups, id);
        if (group != changed.node_groups.end())
          SetNodes(world, changed, *group, count);
      });
}

Reply DeleteNodeGroup(ApiCall& call) {
  Cluster* cluster = FindCluster(call);
  if (cluster == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  if (FindPart(cluster->node_groups, id) == cluster->node_groups.end())
    return NotFound();
  return ChangeNodeGroups(
      call, *cluster, "DeleteNodeGroup", [id](Cluster& changed) {
        std::erase_if(changed.node_groups,
                      [id](const NodeGroup& group) { return group.id == id; });
      });
}

constexpr Route kRoutes[] = {
    {"GET", "/k8s_clusters", ListClusters, "kubernetes_clusters"},
    {"POST", "/k8s_clusters", CreateCluster, "kubernetes_cluster"},
    {"GET", "/k8s_clusters/{id}", GetCluster, "kubernetes_cluster"},
    {"PUT", "/k8s_clusters/{id}", UpdateCluster, "kubernetes_cluster"},
    {"DELETE", "/k8s_clusters/{id}", DeleteCluster, "task_id"},
    {"GET", "/k8s_clusters/{id}/node_groups", ListNodeGroups, "node_groups"},
    {"GET", "/k8s_clusters/{id}/node_groups/{group_id}", GetNodeGroup,
     "node_group"},
    {"POST", "/k8s_clusters/{id}/node_groups", CreateNodeGroup, "task_id"},
    {"PUT", "/k8s_clusters/{id}/node_groups/{group_id}", UpdateNodeGroup,
     "task_id"},
    {"DELETE", "/k8s_clusters/{id}/node_groups/{group_id}", DeleteNodeGroup,
     "task_id"},
    {"GET", "/k8s_clusters/{id}/k8s_versions", ListVersions, "versions"},
    {"GET", "/k8s_versions", ListVersions, "versions"},
};

}  // namespace

std::span<const Route> KubernetesRoutes() { return kRoutes; }

}  // namespace serverspace::sim
