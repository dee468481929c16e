#include "api/decode.h"
#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

constexpr Field<NodeGroup> kNodeGroupFields[] = {
    {"id", Id<&NodeGroup::id>, kRequired},
    {"name", Text<&NodeGroup::name>},
    {"state", Word<&NodeGroup::state, kClusterStates>, kExpected},
    {"cpu_per_node", Count<&NodeGroup::node_cpu_cores>, kExpected},
    {"ram_per_node", Mib<&NodeGroup::node_memory_bytes>, kExpected},
    {"number_of_nodes", Count<&NodeGroup::nodes>, kExpected},
    {"nodes", Length<&NodeGroup::servers>},
    {"ingress", Flag<&NodeGroup::ingress>},
};

constexpr Field<Cluster> kClusterFields[] = {
    {"id", Id<&Cluster::id>, kRequired},
    {"name", Text<&Cluster::name>},
    {"location_id", Id<&Cluster::location>},
    {"version", Text<&Cluster::version>},
    {"high_availability", Flag<&Cluster::high_availability>},
    {"tags", Texts<&Cluster::tags>},
    {"state", Word<&Cluster::state, kClusterStates>, kExpected},
    {"node_groups", List<&Cluster::node_groups, kNodeGroupFields>},
};

}  // namespace

Result<std::vector<Cluster>> ReadClusters(Answer answer, Drift& drift) {
  return ReadList<kClusterFields>(
      std::move(answer),
      {.route = "/k8s_clusters", .wrapper = "kubernetes_clusters"}, &drift);
}

}  // namespace serverspace::api
