#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/config.h"
#include "config/load.h"
#include "exporter/exporter.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"

namespace serverspace::app {

/// Replaces the configuration of a running program, whole or not at all, and
/// tells how that went: as a result, in the log and in metrics. Threads may
/// share one; reloads come one after the other.
class Reloader {
 public:
  /// Reads the configuration from where it came from at the start.
  using Loader =
      std::function<Result<config::Loaded, std::vector<config::Problem>>()>;
  /// Goes on with another configuration; after an error, with the one before.
  using Applier =
      std::function<Result<exporter::Changes>(const config::Config&)>;

  /// `running` is what the program was started with, which counts as a
  /// successful reload. `clock` and `log` outlive the reloader.
  Reloader(Loader load, Applier apply, config::Config running,
           const Clock& clock, Logger& log);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// The error has every reason, one a line.
  Result<void> Reload();

  /// When the last reload was refused; nothing if it was not. Never waits for a
  /// reload.
  std::optional<WallTime> refused() const;

  /// Never waits for a reload.
  void AddMetrics(metrics::SampleSet& out) const;
  static std::span<const metrics::Desc* const> Describe();

 private:
  Result<void> Refuse(const std::vector<config::Problem>& problems);
  void WarnOfWhatStays(const config::Config& next);
  void Note(bool successful);

  const Loader load_;
  const Applier apply_;
  const Clock& clock_;
  Logger& log_;
  std::mutex reloading_;  // held during a reload; guards running_
  config::Config running_;
  mutable std::mutex outcome_mutex_;  // guards the rest
  std::optional<WallTime> refused_;
  WallTime last_success_;
};

}  // namespace serverspace::app
