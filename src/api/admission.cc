#include "api/admission.h"

#include <utility>

namespace serverspace::api {

Admission::Ticket::Ticket(Admission& admission, std::string project,
                          std::string host)
    : admission_(&admission),
      project_(std::move(project)),
      host_(std::move(host)) {}

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      project_(std::move(other.project_)),
      host_(std::move(other.host_)) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    Return();
    admission_ = std::exchange(other.admission_, nullptr);
    project_ = std::move(other.project_);
    host_ = std::move(other.host_);
  }
  return *this;
}

Admission::Ticket::~Ticket() { Return(); }

void Admission::Ticket::Return() {
  if (auto* const admission = std::exchange(admission_, nullptr))
    admission->Release(project_, host_);
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

std::optional<Admission::Ticket> Admission::TryAdmit(std::string_view project) {
  std::lock_guard lock(mutex_);
  const auto known = projects_.find(project);
  if (known == projects_.end()) return std::nullopt;
  const auto& [name, state] = *known;
  Load& load = loads_[state.host];
  int& own = load.by_project[name];
  const bool full = load.total >= limits_.per_host ||
                    own >= limits_.per_project ||
                    (state.slow && SlowRuns(load) >= limits_.slow_per_host);
  if (full) {
    if (own == 0) load.by_project.erase(name);
    return std::nullopt;
  }
  ++own;
  ++load.total;
  return Ticket(*this, name, state.host);
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

void Admission::Release(const std::string& project, const std::string& host) {
  {
    std::lock_guard lock(mutex_);
    Load& load = loads_[host];
    --load.total;
    const auto own = load.by_project.find(project);
    if (--own->second == 0) load.by_project.erase(own);
  }
  if (on_free_) on_free_();
}

int Admission::SlowRuns(const Load& load) const {
  int runs = 0;
  for (const auto& [project, count] : load.by_project) {
    const auto known = projects_.find(project);
    if (known != projects_.end() && known->second.slow) runs += count;
  }
  return runs;
}

}  // namespace serverspace::api
