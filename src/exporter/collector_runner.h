#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "exporter/project.h"
#include "metrics/page_store.h"

namespace serverspace::exporter {

// Names under which a project's fragments stand in the page store, beside those
// of its collectors.

/// What never goes stale; a filter on the `project` collector means it too.
inline constexpr std::string_view kLastingSlot = "project.lasting";
/// How the collectors fare.
inline constexpr std::string_view kSelfSlot = "exporter";

/// Performs runs: asks the collector, publishes what it found or keeps what
/// was, and takes down the outcome. Blocks for as long as the run takes.
/// Threads may share one; the caller sees to it that a (project, collector)
/// runs once at a time.
class CollectorRunner {
 public:
  struct Options {
    bool address_labels = true;
    double max_requests_per_second = 5;  ///< Of each project.
  };

  CollectorRunner(const std::vector<ActiveCollector>& collectors,
                  const Options& options, metrics::PageStore& pages,
                  const Clock& clock, Logger& log);

  /// No run lasts longer than to this moment; one that starts later fails at
  /// once. Before the first run.
  void EndRunsBy(MonoTime end) { end_of_runs_ = end; }

  /// Answers how long after its start the next run is due; nothing if the run
  /// was stopped, which changes nothing else. A run that finds another project
  /// behind the key takes all from the page that was read of the former one:
  /// Project::inventory() tells.
  std::optional<Duration> Run(Project& project, std::size_t index,
                              std::stop_token stop);

  /// Removes the data of collectors whose last success is too long ago, and
  /// publishes totals that were kept since.
  void Sweep(Project& project);

  /// Whether a run since the last call took so much memory that what is left of
  /// it is worth giving back.
  bool TakeLargeRun() { return large_run_.exchange(false); }

  /// Publishes the project's lasting series and how its collectors fare.
  void PublishSelf(Project& project);

 private:
  // Those below are called with the project's publishing lock held.
  void Succeeded(Project& project, std::size_t index,
                 metrics::SampleSet&& samples,
                 std::vector<collectors::Operations>&& operations,
                 MonoTime started);
  void Unsupported(Project& project, std::size_t index, MonoTime started);
  /// Answers when to try again.
  Duration Failed(Project& project, std::size_t index, const Error& error,
                  MonoTime started);
  /// The run was not begun, as it could not have ended in time.
  void Skipped(Project& project, std::size_t index, const Error& error,
               MonoTime started);
  /// The project is another one now; collector `index` has found it out.
  void DropOthers(Project& project, std::size_t index);
  void PutSelf(Project& project);
  bool IsUnsupported(Project& project, std::size_t index,
                     const Error& error) const;

  const std::vector<ActiveCollector>& collectors_;
  const Options options_;
  MonoTime end_of_runs_ = MonoTime::max();
  metrics::PageStore& pages_;
  const Clock& clock_;
  Logger& log_;
  std::atomic<bool> large_run_ = false;
};

}  // namespace serverspace::exporter
