#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "api/drift.h"
#include "api/hosts.h"
#include "api/http_project_client.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "config/config.h"
#include "exporter/api_metrics.h"
#include "exporter/collector_runner.h"
#include "exporter/poller.h"
#include "exporter/project.h"
#include "exporter/server_lists.h"
#include "exporter/state_store.h"
#include "exporter/status.h"
#include "http/transport.h"
#include "metrics/page_store.h"
#include "metrics/process_metrics.h"
#include "metrics/self_metrics.h"
#include "tasks/verdict.h"
#include "tasks/watcher.h"

namespace serverspace::exporter {

/// One project to watch.
struct ProjectOptions {
  ProjectFacts facts;
  HttpsUrl base_url;
  config::KeySource key;
};

/// Which tasks are watched, beyond those that are handed over.
struct TaskOptions {
  std::vector<std::string> watch = {};  ///< Files and directories.
  Duration keep_finished = std::chrono::hours(1);
  /// There are projects elsewhere: an unknown name is no mistake, and one that
  /// is left out is ambiguous.
  bool sharded = false;
};

/// What is known of a project's watched tasks.
struct ProjectTaskList {
  std::string project;
  SavedTasks ledger;
};

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
};

struct ExporterOptions {
  std::vector<ActiveCollector> collectors;
  std::vector<ProjectOptions> projects;  ///< Each name once.
  Duration attempt_timeout = std::chrono::seconds(20);
  double max_requests_per_second = 5;
  bool address_labels = true;
  TaskOptions tasks = {};
  /// A page a second is as much as anybody reads. This and the next count at
  /// the start only.
  Duration publish_interval = std::chrono::seconds(1);
  /// Between two looks at the process itself.
  Duration self_interval = std::chrono::seconds(5);
  BuildInfo build;
};

/// What the exporter is made of and does not own; all of it outlives it.
struct ExporterContext {
  http::Transport& transport;
  StateStore& store;
  Clock& clock;
  Random& random;
  Logger& log;
};

/// What a change of the options did, as numbers of projects.
struct Changes {
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t reconnected = 0;  ///< Got another key, address or API settings.
};

/// Watches projects and keeps the page of what they say: the poller's threads
/// ask the API, one thread of its own drops what is stale, refreshes the
/// metrics about the process and publishes. Readers may come from any thread.
class Exporter {
 public:
  /// Adds metrics that somebody above keeps.
  using SelfSource = std::function<void(metrics::SampleSet&)>;

  /// The families of its own that it adds beside those of its parts.
  static std::span<const metrics::Desc* const> Describe();

  Exporter(ExporterOptions options, const ExporterContext& context);
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  ~Exporter();

  /// Before the start.
  void AddSelfSource(SelfSource source);
  void Start();

  /// Goes on with other options. Projects are told apart by name: one that
  /// stays keeps all that is known of it, one that goes leaves nothing behind.
  /// Runs in progress are cut short and begin again; readers see either the old
  /// or the new projects.
  Changes Apply(ExporterOptions options);
  /// Renews the metrics that are not about projects, what is known of the key
  /// files, and the page.
  void Refresh();

  /// Instead of Start(): runs each collector of each project once, all of it
  /// within `limit`, and publishes what came of it, without the metrics of the
  /// process, which will be gone when they are read. Those that read per server
  /// come after the server list.
  void RunOnce(Duration limit);
  /// Ends all calls in progress and all threads.
  void Stop();

  std::shared_ptr<const metrics::Page> page() const { return pages_.Current(); }

  /// True once the project and the servers of every project were attempted and
  /// the page tells so, or 30 s after the start; never false again: an outage
  /// of the API must not take away the target that reports it.
  bool IsReady() const { return ready_.load(); }
  /// False when the poller hangs by a fault of ours.
  bool IsHealthy() const { return !poller_.IsStalled(); }
  Status GetStatus() const;
  /// Of all projects, by name.
  std::vector<ServerLists> GetServerLists() const;
  std::set<std::string> ProjectNames() const;
  /// Of those that are on, and what stands for watched tasks.
  std::set<std::string> CollectorNames() const;

  /// Watches the task `id` of a project, of the only one if `project` is empty,
  /// and asks for it soon.
  tasks::Verdict WatchTask(std::string_view project, std::string_view id);
  /// The watched tasks of all projects, or of one; none if it is unknown.
  std::vector<ProjectTaskList> WatchedTasks(std::string_view project) const;

 private:
  // Those down to AllAttempted() are called with mutex_ held.
  Changes Adopt(ExporterOptions options);
  void ForgetProjects();
  void ForgetCollectors(const std::vector<ActiveCollector>& before);
  void ForgetHosts(const std::vector<ProjectOptions>& before);
  void Connect(Project& project, const ProjectOptions& options,
               const std::shared_ptr<ProjectKey>& key);
  /// Those of `at_once` are due now in any case.
  std::vector<Poller::Job> Jobs(bool core,
                                const std::set<std::string>& at_once);
  void PublishAll();
  void PublishSelf();
  bool AllAttempted() const;
  /// A short round of questions, or with `all_until` one for each task that is
  /// due, which ends by then.
  Poller::Job TaskJob(Project& project,
                      std::optional<MonoTime> all_until = std::nullopt);
  /// Asks for every task that has not ended, until `end`.
  void ReadTasksOnce(MonoTime end);
  /// Saves what changed of the watched tasks and puts it on the page.
  void KeepTasks(bool at_once);
  void AddWatchMetrics(metrics::SampleSet& out) const;

  /// A job of the poller, and so without mutex_.
  std::optional<Duration> RunCollector(Project& project, std::size_t index,
                                       std::stop_token stop);
  tasks::Verdict FindAndWatch(std::string_view project, std::string_view id);
  /// One line of a watched file.
  tasks::Verdict TakeLine(std::string_view line);
  /// Called with lifecycle_ and mutex_ held.
  void MakeWatcher();
  /// Called with lifecycle_ held but not mutex_, which its thread may be
  /// waiting for.
  void StopWatcher();

  void StartPoller();
  void Housekeep(const std::stop_token& stop);
  std::size_t ThreadCount() const;

  const ExporterContext context_;
  const Duration publish_interval_;
  const Duration self_interval_;
  metrics::PageStore pages_;
  metrics::SelfMetrics registry_;
  metrics::ProcessMetrics process_;
  ApiMetrics api_metrics_;
  api::Drift drift_;
  api::Hosts hosts_;
  Poller poller_;
  std::mutex lifecycle_;  // held to start, stop and change; guards running_
  bool running_ = false;
  // Guards the rest down to files_, and that no page is made of half a change.
  // Runs read them without it: there are none while they change.
  mutable std::mutex mutex_;
  ExporterOptions options_;
  std::optional<CollectorRunner> runner_;  // works by options_
  std::map<std::string, std::unique_ptr<Project>, std::less<>> projects_;
  std::vector<SelfSource> self_sources_;
  // Null: nothing to watch. Changes with lifecycle_ held too, so that whoever
  // has that may read it.
  std::unique_ptr<tasks::Watcher> watcher_;
  SavedFiles files_;  // as last saved
  std::atomic<bool> ready_ = false;
  MonoTime started_{};
  std::jthread housekeeper_;
};

}  // namespace serverspace::exporter
