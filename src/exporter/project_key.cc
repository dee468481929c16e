#include "exporter/project_key.h"

#include <utility>

namespace serverspace::exporter {

ProjectKey::ProjectKey(std::string project, config::KeySource source,
                       const Clock& clock, Logger& log)
    : project_(std::move(project)),
      clock_(clock),
      log_(log),
      file_(source),
      key_(std::move(source.key)),
      since_(clock.Mono()) {}

Secret ProjectKey::Current() {
  // One thread at a time, so that none brings back the key before.
  std::lock_guard lock(mutex_);
  Secret key = file_.Current();
  const auto error = file_.last_error();
  const std::string problem = error ? error->message : "";
  if (problem != reported_) {
    reported_ = problem;
    if (problem.empty()) {
      log_.Info("the key file can be read again", {{"project", project_}});
    } else {
      log_.Warn("the key file gives no key; the one before stays in use",
                {{"project", project_}, {"error", problem}});
    }
  }
  if (key != key_) {
    key_ = key;
    since_ = clock_.Mono();
    log_.Info("the API key was replaced", {{"project", project_}});
  }
  return key;
}

bool ProjectKey::Uses(const Secret& key) const {
  std::lock_guard lock(mutex_);
  return key_ == key;
}

bool ProjectKey::readable() const {
  std::lock_guard lock(mutex_);
  return reported_.empty();
}

MonoTime ProjectKey::since() const {
  std::lock_guard lock(mutex_);
  return since_;
}

}  // namespace serverspace::exporter
