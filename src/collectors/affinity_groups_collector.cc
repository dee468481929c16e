#include "collectors/collector.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kGroups = {"serverspace_affinity_groups",
                          Type::kGauge,
                          "Number of affinity groups.",
                          {}};
constexpr Desc kInfo = {
    "serverspace_affinity_group_info",
    Type::kInfo,
    "An affinity group; placement tells whether its servers are kept together "
    "or apart.",
    {"affinity_group_id", "name", "location", "placement"}};
constexpr Desc kServers = {"serverspace_affinity_group_servers",
                           Type::kGauge,
                           "Servers in the affinity group.",
                           {"affinity_group_id"}};

constexpr const Desc* kDescs[] = {&kGroups, &kInfo, &kServers};

std::string_view Placement(const api::AffinityGroup& group) {
  if (!group.together) return "";
  return *group.together ? "together" : "apart";
}

class AffinityGroupsCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListAffinityGroups(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::AffinityGroup>& groups = answer.value();
    for (const api::AffinityGroup& group : groups) {
      out.Add(kInfo, {group.id, group.name, group.location, Placement(group)},
              1);
      if (group.servers) out.Add(kServers, {group.id}, *group.servers);
    }
    out.Add(kGroups, {}, groups.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeAffinityGroupsCollector() {
  return std::make_unique<AffinityGroupsCollector>();
}

}  // namespace serverspace::collectors
