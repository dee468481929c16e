#include "simulator/task_engine.h"

#include <algorithm>

#include "simulator/location.h"

namespace serverspace::sim {
namespace {

// A queued task shows as New for a moment before it runs.
constexpr double kLongestQueueSeconds = 2;
constexpr double kQueueShare = 0.2;

}  // namespace

std::string Task::State(Time now) const {
  if (!completed) return now < starts ? "New" : "InProgress";
  switch (outcome) {
    case TaskOutcome::kCompleted:
      return "Completed";
    case TaskOutcome::kFailed:
      return "Failed";
    case TaskOutcome::kCanceled:
      break;
  }
  return "Canceled";
}

int Task::Progress(Time now) const {
  if (completed) return last_progress;
  if (now < starts || ends <= starts) return 0;
  const auto percent = (now - starts).count() * 100 / (ends - starts).count();
  return static_cast<int>(std::clamp<std::int64_t>(percent, 0, 99));
}

void TaskEngine::RunDue(Time now) {
  while (!events_.empty() && events_.begin()->first <= now) {
    auto event = events_.extract(events_.begin());
    now_ = std::max(now_, event.key());
    event.mapped()();
  }
  now_ = std::max(now_, now);
}

std::string TaskEngine::Start(const Project& project, Plan plan) {
  const double duration = random_.Between(plan.min_seconds, plan.max_seconds);
  Task task;
  task.id = NextId(plan);
  task.type = plan.type;
  task.project = &project;
  task.family = plan.family;
  task.location_id = plan.location_id;
  task.resources = plan.resources;
  task.created = now_;
  task.starts = now_ + FromSeconds(std::min(kLongestQueueSeconds,
                                            duration * kQueueShare));
  task.ends = now_ + FromSeconds(duration);
  plan.outcome = NextOutcome(plan);
  const std::string id = task.id;
  At(task.ends, [this, id] { Finish(id); });
  tasks_.emplace(id, std::move(task));
  running_.emplace(id, std::move(plan));
  return id;
}

TaskOutcome TaskEngine::NextOutcome(const Plan& plan) {
  if (plan.outcome) return *plan.outcome;
  const auto fate = std::find_if(
      fates_.begin(), fates_.end(),
      [&](const Fate& f) { return f.type.empty() || f.type == plan.type; });
  if (fate == fates_.end()) return TaskOutcome::kCompleted;
  const TaskOutcome outcome = fate->outcome;
  if (--fate->count <= 0) fates_.erase(fate);
  return outcome;
}

std::string TaskEngine::NextId(const Plan& plan) {
  const std::string number = std::to_string(next_number_++);
  switch (plan.family) {
    case TaskFamily::kDns:
      return "dns" + number;
    case TaskFamily::kVmware:
      return "vmw" + number;
    case TaskFamily::kKubernetes:
      return "k8s_f" + number;
    case TaskFamily::kVstack:
      break;
  }
  // Deletions are often numbered without a location (API reference 3).
  return plan.type.starts_with("Delete")
             ? "lt" + number
             : LocationPrefix(plan.location_id) + "t" + number;
}

void TaskEngine::Finish(const std::string& id) {
  auto running = running_.extract(id);
  if (running.empty()) return;
  Plan& plan = running.mapped();
  // The id may have been forgotten; the change goes on all the same.
  Task unknown;
  const auto found = tasks_.find(id);
  Task& task = found == tasks_.end() ? unknown : found->second;
  task.outcome = *plan.outcome;
  task.last_progress =
      task.outcome == TaskOutcome::kCompleted ? 100 : task.Progress(now_);
  task.completed = now_;
  if (plan.at_end) plan.at_end(task);
  if (plan.at_settled)
    At(now_ + FromSeconds(plan.settle_seconds), std::move(plan.at_settled));
}

const Task* TaskEngine::Find(const std::string& id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second;
}

void TaskEngine::SetFate(TaskOutcome outcome, std::string type, int count) {
  fates_.push_back({outcome, std::move(type), count});
}

bool TaskEngine::End(const std::string& id, TaskOutcome outcome) {
  const auto running = running_.find(id);
  if (running == running_.end()) return false;
  running->second.outcome = outcome;
  Finish(id);
  return true;
}

bool TaskEngine::Forget(const std::string& id) { return tasks_.erase(id) == 1; }

}  // namespace serverspace::sim
