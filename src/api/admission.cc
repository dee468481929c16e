#include "api/admission.h"

#include <utility>

namespace serverspace::api {

Admission::Ticket::Ticket(Admission& admission, std::string project,
                          std::string host, RunKind kind)
    : admission_(&admission),
      project_(std::move(project)),
      host_(std::move(host)),
      kind_(kind) {}

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      project_(std::move(other.project_)),
      host_(std::move(other.host_)),
      kind_(other.kind_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    Return();
    admission_ = std::exchange(other.admission_, nullptr);
    project_ = std::move(other.project_);
    host_ = std::move(other.host_);
    kind_ = other.kind_;
  }
  return *this;
}

Admission::Ticket::~Ticket() { Return(); }

void Admission::Ticket::Return() {
  if (auto* const admission = std::exchange(admission_, nullptr))
    admission->Release(project_, host_, kind_);
}

Admission::Admission(const Limits& limits, std::function<void()> on_free)
    : limits_(limits), on_free_(std::move(on_free)) {}

void Admission::AddProject(std::string_view project, std::string_view host) {
  {
    std::lock_guard lock(mutex_);
    auto& known = projects_[std::string(project)];
    if (known.host == host) return;
    // What is known of its speed was the other host's.
    known = {std::string(host), false};
  }
  if (on_free_) on_free_();
}

void Admission::RemoveProject(std::string_view project) {
  {
    std::lock_guard lock(mutex_);
    const auto found = projects_.find(project);
    if (found == projects_.end()) return;
    projects_.erase(found);
  }
  // Its runs no longer count among the slow ones.
  if (on_free_) on_free_();
}

void Admission::Runs::Count(RunKind kind, int change) {
  total += change;
  if (kind == RunKind::kLong) of_long += change;
}

std::optional<Admission::Ticket> Admission::TryAdmit(std::string_view project,
                                                     RunKind kind) {
  std::lock_guard lock(mutex_);
  const auto known = projects_.find(project);
  if (known == projects_.end()) return std::nullopt;
  const auto& [name, state] = *known;
  Load& load = loads_[state.host];
  Runs& own = load.by_project[name];
  if (IsFull(state, load, own, kind)) {
    if (own.total == 0) load.by_project.erase(name);
    return std::nullopt;
  }
  own.Count(kind, 1);
  load.runs.Count(kind, 1);
  if (kind == RunKind::kLong) ++long_runs_;
  return Ticket(*this, name, state.host, kind);
}

bool Admission::IsFull(const Project& project, const Load& load,
                       const Runs& own, RunKind kind) const {
  if (load.runs.total >= limits_.per_host || own.total >= limits_.per_project ||
      (project.slow && SlowRuns(load) >= limits_.slow_per_host))
    return true;
  return kind == RunKind::kLong &&
         (own.of_long >= limits_.long_per_project ||
          load.runs.of_long >= limits_.long_per_host ||
          long_runs_ >= limits_.long_in_all);
}

void Admission::MarkSlow(std::string_view project, bool slow) {
  {
    std::lock_guard lock(mutex_);
    const auto known = projects_.find(project);
    if (known == projects_.end() || known->second.slow == slow) return;
    known->second.slow = slow;
  }
  // Its runs no longer count among the slow ones.
  if (!slow && on_free_) on_free_();
}

void Admission::Release(const std::string& project, const std::string& host,
                        RunKind kind) {
  {
    std::lock_guard lock(mutex_);
    Load& load = loads_[host];
    load.runs.Count(kind, -1);
    const auto own = load.by_project.find(project);
    own->second.Count(kind, -1);
    if (own->second.total == 0) load.by_project.erase(own);
    if (kind == RunKind::kLong) --long_runs_;
  }
  if (on_free_) on_free_();
}

int Admission::SlowRuns(const Load& load) const {
  int runs = 0;
  for (const auto& [project, own] : load.by_project) {
    const auto known = projects_.find(project);
    if (known != projects_.end() && known->second.slow) runs += own.total;
  }
  return runs;
}

}  // namespace serverspace::api
