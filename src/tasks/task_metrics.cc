#include "tasks/task_metrics.h"

#include <string>
#include <utility>

#include "api/states.h"
#include "metrics/exposition.h"
#include "metrics/sample_set.h"

namespace serverspace::tasks {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kPending = {"serverspace_tasks_pending",
                           Type::kGauge,
                           "Watched tasks that have not ended.",
                           {}};
constexpr Desc kInfo = {"serverspace_task_info",
                        Type::kInfo,
                        "A watched task.",
                        {"task_id", "type"}};
constexpr Desc kResourceInfo = {"serverspace_task_resource_info",
                                Type::kInfo,
                                "A resource that a watched task works on.",
                                {"task_id", "type", "resource_id"}};
constexpr Desc kState = {
    "serverspace_task_state",
    Type::kGauge,
    "1 for the state that the watched task is in, else 0; lost for one that "
    "the API does not know any more.",
    {"task_id", "state"}};
constexpr Desc kProgress = {"serverspace_task_progress_ratio",
                            Type::kGauge,
                            "How far the watched task has come.",
                            {"task_id"}};
constexpr Desc kCreated = {
    "serverspace_task_created_timestamp_seconds",
    Type::kGauge,
    "When the watched task was created, as seconds since 1970.",
    {"task_id"}};
constexpr Desc kFinished = {
    "serverspace_tasks_finished_total",
    Type::kCounter,
    "Watched tasks that ended, by result; lost if the API did not know them "
    "any more.",
    {"result"}};
constexpr Desc kErrors = {
    "serverspace_task_errors_total",
    Type::kCounter,
    "Questions about watched tasks that failed, by reason; from the first "
    "watched task on.",
    {"reason"}};
constexpr Desc kDuration = {
    "serverspace_task_duration_seconds",
    Type::kHistogram,
    "How long watched tasks took that completed, from their creation on.",
    {}};

constexpr const Desc* kDescs[] = {&kPending,  &kInfo,     &kResourceInfo,
                                  &kState,    &kProgress, &kCreated,
                                  &kFinished, &kErrors,   &kDuration};

constexpr double kPercent = 100;

void AddTask(const WatchedTask& task, metrics::SampleSet& out) {
  // Until the API has told of it, a type would be a guess.
  if (task.state.empty()) return;
  out.Add(kInfo, {task.id, task.type}, 1);
  out.AddStates(kState, {task.id}, task.state, api::kTaskStates);
  for (const api::TaskResource& resource : task.resources)
    out.Add(kResourceInfo, {task.id, resource.type, resource.id}, 1);
  if (task.progress_percent) {
    out.Add(kProgress, {task.id},
            static_cast<double>(*task.progress_percent) / kPercent);
  }
  if (task.created) out.Add(kCreated, {task.id}, *task.created);
}

std::string DurationLines(std::string_view project, const Totals& totals) {
  std::string label = "project=\"";
  metrics::AppendLabelValue(label, project);
  label += '"';
  std::string lines;
  const auto add = [&](std::string_view suffix, std::string_view bound) {
    lines.append(kDuration.name).append(suffix).append("{").append(label);
    if (!bound.empty()) lines.append(",le=\"").append(bound).append("\"");
    lines += "} ";
  };
  std::int64_t count = 0;
  for (std::size_t i = 0; i < totals.durations.size(); ++i) {
    count += static_cast<std::int64_t>(totals.durations.at(i));
    add("_bucket", i < kDurationBounds.size()
                       ? metrics::BoundLabel(kDurationBounds.at(i))
                       : "+Inf");
    metrics::AppendValue(lines, count);
    lines += '\n';
  }
  add("_sum", {});
  metrics::AppendValue(lines, Seconds(totals.duration_sum));
  lines += '\n';
  add("_count", {});
  metrics::AppendValue(lines, count);
  lines += '\n';
  return lines;
}

}  // namespace

std::span<const Desc* const> TaskDescs() { return kDescs; }

metrics::Fragment RenderTasks(std::string_view project, const Ledger& ledger,
                              const Totals& totals,
                              const ReasonCounts& errors) {
  metrics::SampleSet samples(project);
  std::size_t pending = 0;
  for (const auto& task : ledger.tasks) {
    if (!task->outcome) ++pending;
    AddTask(*task, samples);
  }
  samples.Add(kPending, {}, pending);
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    samples.Add(kFinished, {OutcomeName(outcome)}, totals.of(outcome));
  }
  if (!ledger.tasks.empty() || errors != ReasonCounts{}) {
    for (std::size_t i = 0; i < errors.size(); ++i)
      samples.Add(kErrors, {ReasonName(static_cast<ErrorCode>(i))}, errors[i]);
  }
  metrics::FragmentBuilder histogram;
  histogram.AddLines(kDuration, DurationLines(project, totals));

  const metrics::Fragment rest = std::move(samples).Render();
  const metrics::Fragment durations = std::move(histogram).Build();
  metrics::Fragment::Families families(rest.families().begin(),
                                       rest.families().end());
  families.insert(families.end(), durations.families().begin(),
                  durations.families().end());
  return metrics::Fragment(std::move(families), rest.dropped_duplicates());
}

}  // namespace serverspace::tasks
