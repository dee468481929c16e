#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/project_metrics.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kInfo = {"serverspace_project_info",
                        Type::kInfo,
                        "The project behind the API key.",
                        {"project_id", "currency"}};
constexpr Desc kState = {"serverspace_project_state",
                         Type::kGauge,
                         "1 for the state that the project is in.",
                         {"state"}};
constexpr Desc kBalance = {"serverspace_project_balance",
                           Type::kGauge,
                           "Money left on the project's account, in units of "
                           "its currency; may be negative.",
                           {"currency"}};
constexpr Desc kCreated = {"serverspace_project_created_timestamp_seconds",
                           Type::kGauge,
                           "When the project was made, as seconds since 1970.",
                           {}};

constexpr const Desc* kDescs[] = {&kInfo,         &kState,
                                  &kBalance,      &kCreated,
                                  &kUp,           &kBalanceThreshold,
                                  &kSpendTotal,   &kTopupTotal,
                                  &kApiKeyExpiry, &kApiKeyReadable};

class ProjectCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.GetProject(run.call);
    if (!answer.ok()) return answer.error();
    const api::Project& project = answer.value();
    run.ledger.Observe(project.id, project.currency, project.balance);
    run.inventory.SetProject(project.id, project.state);
    out.Add(kInfo, {project.id, project.currency}, 1);
    out.AddStates(kState, {}, project.state, api::kProjectStates);
    out.Add(kBalance, {project.currency}, project.balance);
    if (project.created) out.Add(kCreated, {}, *project.created);
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeProjectCollector() {
  return std::make_unique<ProjectCollector>();
}

}  // namespace serverspace::collectors
