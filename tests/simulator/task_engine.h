#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/model.h"
#include "simulator/random.h"
#include "simulator/sim_clock.h"

namespace serverspace::sim {

enum class TaskOutcome { kCompleted, kFailed, kCanceled };

/// Whose numbers a task id comes from (API reference 1.2).
enum class TaskFamily { kVstack, kDns, kVmware, kKubernetes };

/// One asynchronous operation as `GET /tasks/{id}` tells it (API
/// reference 2.2).
struct Task {
  std::string id;
  std::string type;
  const Project* project = nullptr;
  TaskFamily family = TaskFamily::kVstack;
  std::string location_id;
  std::vector<std::pair<std::string, std::string>> resources;  // type, id
  Time created;
  Time starts;
  Time ends;
  std::optional<Time> completed;
  TaskOutcome outcome = TaskOutcome::kCompleted;  // valid once completed
  int last_progress = 0;                          // valid once completed

  /// New, InProgress, Completed, Failed or Canceled.
  std::string State(Time now) const;
  int Progress(Time now) const;
};

/// Everything that happens later: tasks with their ends, and objects that
/// settle some time after them. Events run when somebody looks (RunDue), in
/// order of their time, so a world needs no thread of its own. Not thread-safe:
/// the world's lock guards it.
class TaskEngine {
 public:
  struct Plan {
    std::string type;
    TaskFamily family = TaskFamily::kVstack;
    std::string location_id;
    /// Bounds of the whole duration. The API reference 2.2 lists what was
    /// measured.
    double min_seconds = 6;
    double max_seconds = 13;
    /// How long the object stays busy after its task ended.
    double settle_seconds = 3;
    std::vector<std::pair<std::string, std::string>> resources;
    /// Applies the change, or takes it back if the outcome is not kCompleted.
    std::function<void(Task&)> at_end;
    std::function<void()> at_settled;
    /// An outcome known beforehand; else the fate set by the control interface,
    /// else kCompleted.
    std::optional<TaskOutcome> outcome;
  };

  explicit TaskEngine(std::uint64_t seed) : random_(seed) {}

  /// Runs what is due, oldest first.
  void RunDue(Time now);
  /// The time of the event that runs, or of the last RunDue.
  Time now() const { return now_; }

  std::string Start(const Project& project, Plan plan);
  const Task* Find(const std::string& id) const;
  const std::map<std::string, Task>& tasks() const { return tasks_; }

  /// The next `count` tasks (of the type, if given) end so.
  void SetFate(TaskOutcome outcome, std::string type, int count);
  /// Ends a running task now. False if there is none.
  bool End(const std::string& id, TaskOutcome outcome);
  /// Makes an id unknown. The change it stands for still happens.
  bool Forget(const std::string& id);

  /// Schedules something that is no task.
  void At(Time when, std::function<void()> action) {
    events_.emplace(when, std::move(action));
  }

 private:
  struct Fate {
    TaskOutcome outcome;
    std::string type;
    int count;
  };

  TaskOutcome NextOutcome(const Plan& plan);
  std::string NextId(const Plan& plan);
  void Finish(const std::string& id);

  Random random_;
  Time now_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, Plan> running_;
  std::multimap<Time, std::function<void()>> events_;
  std::vector<Fate> fates_;
  std::int64_t next_number_ = 70000;
};

}  // namespace serverspace::sim
