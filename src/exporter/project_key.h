#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "config/key_file.h"

namespace serverspace::exporter {

/// A project's key while it is in use. A file that changes is picked up; people
/// are told once of a change and once of a file that gives no key. Threads may
/// share one.
class ProjectKey {
 public:
  /// `clock` and `log` outlive it.
  ProjectKey(std::string project, config::KeySource source, const Clock& clock,
             Logger& log);
  ProjectKey(const ProjectKey&) = delete;
  ProjectKey& operator=(const ProjectKey&) = delete;

  /// The newest key that could be read.
  Secret Current();

  bool Uses(const Secret& key) const;
  /// Whether the key's file, as it was when last looked at, gives a key.
  bool readable() const;
  /// When the present key was first used, or about: what was learnt before was
  /// learnt with another one.
  MonoTime since() const;

 private:
  const std::string project_;
  const Clock& clock_;
  Logger& log_;
  config::KeyFile file_;
  mutable std::mutex mutex_;  // guards the rest
  Secret key_;
  MonoTime since_;
  std::string reported_;  // the error that people were told; empty for none
};

}  // namespace serverspace::exporter
