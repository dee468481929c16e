#include "exporter/exporter.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <utility>

#include "base/memory.h"
#include "tasks/task_id.h"
#include "tasks/watch_line.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;
using metrics::Desc;
using metrics::Type;

constexpr Desc kBuildInfo = {"serverspace_exporter_build_info",
                             Type::kInfo,
                             "What this exporter was built from.",
                             {"version", "revision", "compiler"}};
constexpr Desc kProjects = {"serverspace_exporter_projects",
                            Type::kGauge,
                            "Projects that are configured.",
                            {}};

constexpr Desc kTasksRefused = {
    "serverspace_tasks_refused_total",
    Type::kCounter,
    "Task ids that were handed over and are not watched, by reason.",
    {"reason"}};
constexpr Desc kWatchReadable = {
    "serverspace_tasks_watch_path_readable",
    Type::kGauge,
    "1 if the watched path and all in it could be read, else 0.",
    {"path"}};

constexpr std::string_view kProcessSlot = "process";
/// Of a project's watched tasks, which are no collector's.
constexpr std::string_view kTasksSlot = "tasks";
/// A round of questions is far shorter; for what hangs.
constexpr Duration kTaskRound = 1min;

constexpr Duration kReadyAtLatest = 30s;
/// Until ready, people and probes wait for the first page.
constexpr Duration kTickUntilReady = 20ms;

/// Enough threads to use every slot that admission gives, and no more: each
/// costs a stack.
constexpr std::size_t kMaxThreads = 48;

bool IsCore(const ActiveCollector& collector) {
  return collector.presence == collectors::Presence::kCore;
}

constexpr const Desc* kDescs[] = {&kBuildInfo, &kProjects, &kTasksRefused,
                                  &kWatchReadable};

/// A file is the same source whatever it holds now.
bool IsSameSource(const config::KeySource& a, const config::KeySource& b) {
  return a.file == b.file && (!a.file.empty() || a.key == b.key);
}

}  // namespace

std::span<const Desc* const> Exporter::Describe() { return kDescs; }

Exporter::Exporter(ExporterOptions options, const ExporterContext& context)
    : context_(context),
      publish_interval_(options.publish_interval),
      self_interval_(options.self_interval),
      api_metrics_(registry_),
      drift_(api_metrics_),
      hosts_({}, context.clock, context.random, api_metrics_),
      poller_(context.clock, context.random, api::Admission::Limits()) {
  for (const tasks::Verdict verdict : tasks::Refusals())
    registry_.GetCounter(kTasksRefused, {tasks::RefusalName(verdict)});
  files_ = context_.store.LoadTaskFiles();
  Apply(std::move(options));
}

Exporter::~Exporter() { Stop(); }

void Exporter::AddSelfSource(SelfSource source) {
  std::lock_guard lock(mutex_);
  self_sources_.push_back(std::move(source));
}

Changes Exporter::Apply(ExporterOptions options) {
  std::lock_guard lifecycle(lifecycle_);
  // A watcher that has the same to do goes on: it holds files open that have no
  // name any more, and knows what it has told of.
  const bool new_watch = options.tasks.watch != options_.tasks.watch;
  if (new_watch) StopWatcher();
  poller_.Stop();
  Changes changes;
  {
    std::lock_guard lock(mutex_);
    // What a project that goes has learnt is not lost, nor how far the watcher
    // has read.
    KeepTasks(false);
    changes = Adopt(std::move(options));
    if (new_watch) MakeWatcher();
    if (running_) PublishAll();
  }
  if (running_) {
    StartPoller();
    if (new_watch && watcher_ != nullptr) watcher_->Start();
  }
  return changes;
}

Changes Exporter::Adopt(ExporterOptions options) {
  const ExporterOptions before = std::exchange(options_, std::move(options));
  runner_.emplace(options_.collectors,
                  CollectorRunner::Options{options_.address_labels,
                                           options_.max_requests_per_second},
                  pages_, context_.clock, context_.log);
  std::map<std::string_view, const ProjectOptions*> known;
  for (const ProjectOptions& project : before.projects)
    known.emplace(project.facts.name, &project);

  const std::size_t count_before = projects_.size();
  ForgetProjects();
  ForgetCollectors(before.collectors);
  Changes changes{.removed = count_before - projects_.size()};
  const bool same_api =
      options_.attempt_timeout == before.attempt_timeout &&
      options_.max_requests_per_second == before.max_requests_per_second;
  const auto make_key = [this](const ProjectOptions& project) {
    return std::make_shared<ProjectKey>(project.facts.name, project.key,
                                        context_.clock, context_.log);
  };
  std::set<std::string> at_once;
  for (const ProjectOptions& project : options_.projects) {
    const std::string& name = project.facts.name;
    std::unique_ptr<Project>& slot = projects_[name];
    if (slot == nullptr) {
      slot = std::make_unique<Project>(project.facts, options_.collectors,
                                       context_.store, context_.clock,
                                       context_.log);
      Connect(*slot, project, make_key(project));
      ++changes.added;
      continue;
    }
    slot->Configure(project.facts, options_.collectors);
    const ProjectOptions& old = *known.at(name);
    const bool same_access =
        project.base_url == old.base_url && IsSameSource(project.key, old.key);
    const bool new_key = !slot->UsesKey(project.key.key);
    // A client that stays keeps its place in the rate limit, and a key that
    // stays is known since when it was.
    if (!same_access) {
      Connect(*slot, project, make_key(project));
    } else if (!same_api) {
      Connect(*slot, project, slot->key());
    }
    if (!same_access || new_key) at_once.insert(name);
    if (!same_access || new_key || !same_api) ++changes.reconnected;
  }
  ForgetHosts(before.projects);

  // In the first pass everything is due at once. What readiness waits for comes
  // first, and a product that is missing is better known once the project has
  // been read.
  std::vector<Poller::Job> jobs = Jobs(true, at_once);
  std::ranges::move(Jobs(false, at_once), std::back_inserter(jobs));
  for (const auto& [name, project] : projects_)
    jobs.push_back(TaskJob(*project));
  poller_.SetJobs(std::move(jobs));
  return changes;
}

void Exporter::ForgetProjects() {
  std::set<std::string_view> names;
  for (const ProjectOptions& project : options_.projects)
    names.insert(project.facts.name);
  std::erase_if(projects_, [&](const auto& project) {
    const std::string& name = project.first;
    if (names.contains(name)) return false;
    poller_.admission().RemoveProject(name);
    api_metrics_.RemoveProject(name);
    pages_.RemoveProject(name);
    return true;
  });
}

void Exporter::ForgetCollectors(const std::vector<ActiveCollector>& before) {
  for (const ActiveCollector& collector : before) {
    if (std::ranges::find(options_.collectors, collector.name,
                          &ActiveCollector::name) != options_.collectors.end())
      continue;
    for (const auto& [name, project] : projects_)
      pages_.Remove(name, collector.name);
  }
}

void Exporter::ForgetHosts(const std::vector<ProjectOptions>& before) {
  std::set<std::string> hosts;
  for (const ProjectOptions& project : options_.projects)
    hosts.insert(project.base_url.Authority());
  for (const ProjectOptions& project : before) {
    const std::string host = project.base_url.Authority();
    if (hosts.contains(host)) continue;
    hosts_.Remove(host);
    api_metrics_.RemoveHost(host);
  }
}

void Exporter::Connect(Project& project, const ProjectOptions& options,
                       const std::shared_ptr<ProjectKey>& key) {
  const std::string& name = project.name();
  const std::string host = options.base_url.Authority();
  poller_.admission().AddProject(name, host);
  api_metrics_.AddProject(name);
  api_metrics_.AddHost(host);
  project.Connect(
      std::make_unique<api::HttpProjectClient>(
          api::ClientOptions{
              .project = name,
              .base = options.base_url,
              .attempt_timeout = options_.attempt_timeout,
              .limiter = {.per_second = options_.max_requests_per_second}},
          [key] { return key->Current(); },
          api::ClientContext{.transport = context_.transport,
                             .host = hosts_.For(options.base_url),
                             .admission = poller_.admission(),
                             .drift = drift_,
                             .observer = api_metrics_,
                             .clock = context_.clock,
                             .random = context_.random}),
      key);
}

std::vector<Poller::Job> Exporter::Jobs(bool core,
                                        const std::set<std::string>& at_once) {
  std::vector<Poller::Job> jobs;
  // One collector of all projects after the other: all of one project would
  // wait for its rate limit, and hold the host's slots meanwhile.
  for (std::size_t index = 0; index < options_.collectors.size(); ++index) {
    const ActiveCollector& collector = options_.collectors[index];
    if (IsCore(collector) != core) continue;
    for (const auto& [name, project] : projects_) {
      jobs.push_back(
          {.project = name,
           .name = collector.name,
           .interval = collector.interval,
           .run =
               [this, &project = *project, index](std::stop_token stop) {
                 return RunCollector(project, index, std::move(stop));
               },
           .at_once = at_once.contains(name),
           .kind = collector.calls.grow_with_project() ? api::RunKind::kLong
                                                       : api::RunKind::kShort});
    }
  }
  return jobs;
}

std::optional<Duration> Exporter::RunCollector(Project& project,
                                               std::size_t index,
                                               std::stop_token stop) {
  const std::uint64_t moves = project.inventory().moves();
  const auto next = runner_->Run(project, index, std::move(stop));
  const std::string& name = options_.collectors[index].name;
  if (name != collectors::kProjectCollector ||
      project.inventory().moves() == moves) {
    return next;
  }
  // What was dropped, as it is of another project, is read anew.
  for (const ActiveCollector& collector : options_.collectors) {
    if (collector.name != name) poller_.RunSoon(project.name(), collector.name);
  }
  return next;
}

Poller::Job Exporter::TaskJob(Project& project,
                              std::optional<MonoTime> all_until) {
  return {.project = project.name(),
          .name = std::string(kTasksSlot),
          .interval = kTaskRound,
          .run = [this, &project, all_until](std::stop_token stop) {
            return project.tasks().Run(
                {.client = project.client(),
                 .max_requests_per_second = options_.max_requests_per_second,
                 .trusts_not_found = project.IsRead(),
                 .call = {.deadline = all_until.value_or(context_.clock.Mono() +
                                                         kTaskRound),
                          .stop = std::move(stop)},
                 .all = all_until.has_value()});
          }};
}

void Exporter::Start() {
  std::lock_guard lifecycle(lifecycle_);
  started_ = context_.clock.Mono();
  running_ = true;
  {
    std::lock_guard lock(mutex_);
    PublishAll();
  }
  StartPoller();
  if (watcher_ != nullptr) watcher_->Start();
  housekeeper_ =
      std::jthread([this](const std::stop_token& stop) { Housekeep(stop); });
}

void Exporter::StartPoller() { poller_.Start(ThreadCount()); }

void Exporter::RunOnce(Duration limit) {
  std::unique_lock lock(mutex_);
  started_ = context_.clock.Mono();
  runner_->EndRunsBy(started_ + limit);
  for (const bool core : {true, false}) {
    poller_.SetJobs(Jobs(core, {}));
    poller_.RunOnce(ThreadCount());
  }
  lock.unlock();
  if (watcher_ != nullptr) watcher_->LookAtAll(started_ + limit);
  lock.lock();
  ReadTasksOnce(started_ + limit);
  KeepTasks(true);
  context_.store.AwaitKept();
  PublishAll();
  pages_.Remove("", kProcessSlot);
  pages_.Rebuild();
}

void Exporter::ReadTasksOnce(MonoTime end) {
  std::vector<Poller::Job> jobs;
  for (const auto& [name, project] : projects_)
    jobs.push_back(TaskJob(*project, end));
  poller_.SetJobs(std::move(jobs));
  poller_.RunOnce(ThreadCount());
}

void Exporter::Stop() {
  std::lock_guard lifecycle(lifecycle_);
  running_ = false;
  StopWatcher();
  poller_.Stop();
  housekeeper_ = std::jthread();
  // Nothing changes any more: what is saved now is all that was learnt.
  std::lock_guard lock(mutex_);
  KeepTasks(true);
}

void Exporter::Refresh() {
  std::lock_guard lock(mutex_);
  for (const auto& [name, project] : projects_) {
    if (project->LookAtKey()) runner_->PublishSelf(*project);
  }
  PublishSelf();
  pages_.Rebuild();
}

std::size_t Exporter::ThreadCount() const {
  std::set<std::string> hosts;
  for (const ProjectOptions& project : options_.projects)
    hosts.insert(project.base_url.Authority());
  const api::Admission::Limits limits;
  const auto slots = std::min(
      options_.projects.size() * static_cast<std::size_t>(limits.per_project),
      hosts.size() * static_cast<std::size_t>(limits.per_host));
  return std::clamp<std::size_t>(slots, 1, kMaxThreads);
}

void Exporter::Housekeep(const std::stop_token& stop) {
  Clock& clock = context_.clock;
  MonoTime next_self = clock.Mono() + self_interval_;
  while (clock.SleepUntil(
      clock.Mono() + (IsReady() ? publish_interval_ : kTickUntilReady), stop)) {
    try {
      std::lock_guard lock(mutex_);
      for (const auto& [name, project] : projects_) runner_->Sweep(*project);
      KeepTasks(false);
      if (clock.Mono() >= next_self) {
        PublishSelf();
        next_self = clock.Mono() + self_interval_;
      }
      const bool ready =
          AllAttempted() || clock.Mono() - started_ >= kReadyAtLatest;
      pages_.Rebuild();
      if (runner_->TakeLargeRun()) ReturnFreeMemory();
      if (ready && !ready_.exchange(true)) context_.log.Info("ready");
    } catch (const std::exception&) {
      // Only memory can run out here. The last page stays, changes are kept,
      // and the next tick tries again.
      context_.log.Error("could not publish; trying again");
    }
  }
}

void Exporter::PublishAll() {
  // Counters are there from 0 before the first run, and the first page tells of
  // the process at once.
  for (const auto& [name, project] : projects_) runner_->PublishSelf(*project);
  KeepTasks(true);
  PublishSelf();
  pages_.Rebuild();
}

void Exporter::PublishSelf() {
  metrics::SampleSet own("");
  own.Add(kBuildInfo,
          {options_.build.version, options_.build.revision,
           options_.build.compiler},
          1);
  own.Add(kProjects, {}, projects_.size());
  AddStateStats(context_.store.stats(), own);
  AddWatchMetrics(own);
  for (const SelfSource& source : self_sources_) source(own);
  pages_.Put("", kSelfSlot, std::move(own).Render());
  pages_.Put("", "api", registry_.Render());
  pages_.Put("", kProcessSlot, process_.Render());
}

bool Exporter::AllAttempted() const {
  return std::ranges::all_of(projects_, [&](const auto& named) {
    // An attempt counts once all that it says was put on the page.
    const auto publishing = named.second->LockPublishing();
    const std::vector<CollectorState> states = named.second->States();
    for (std::size_t index = 0; index < states.size(); ++index) {
      if (IsCore(options_.collectors[index]) && !states[index].last_attempt)
        return false;
    }
    return true;
  });
}

std::set<std::string> Exporter::ProjectNames() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> names;
  for (const auto& [name, project] : projects_) names.insert(name);
  return names;
}

std::set<std::string> Exporter::CollectorNames() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> names;
  for (const ActiveCollector& collector : options_.collectors)
    names.insert(collector.name);
  names.emplace(kTasksSlot);
  return names;
}

std::vector<ServerLists> Exporter::GetServerLists() const {
  std::lock_guard lock(mutex_);
  std::vector<ServerLists> all;
  all.reserve(projects_.size());
  for (const auto& [name, project] : projects_)
    all.push_back(project->GetServerLists());
  return all;
}

void Exporter::KeepTasks(bool at_once) {
  // Asked first: the tasks that these lines gave are in the books by now.
  const SavedFiles files = watcher_ != nullptr ? watcher_->positions() : files_;
  for (const auto& [name, project] : projects_) {
    project->tasks().Keep(options_.tasks.keep_finished);
    if (const auto news = project->tasks().TakeNews(at_once))
      pages_.Put(name, kTasksSlot, *news);
  }
  if (files == files_) return;
  files_ = files;
  context_.store.SaveTaskFiles(files);
}

void Exporter::AddWatchMetrics(metrics::SampleSet& out) const {
  if (watcher_ == nullptr) return;
  for (const auto& [path, readable] : watcher_->status())
    out.Add(kWatchReadable, {path}, readable);
}

void Exporter::MakeWatcher() {
  watcher_.reset();
  if (options_.tasks.watch.empty()) return;
  watcher_ = std::make_unique<tasks::Watcher>(
      options_.tasks.watch, files_,
      [this](std::string_view line) { return TakeLine(line); }, context_.clock,
      context_.log);
}

void Exporter::StopWatcher() {
  if (watcher_ != nullptr) watcher_->Stop();
}

tasks::Verdict Exporter::TakeLine(std::string_view line) {
  const tasks::WatchLine parsed = tasks::ParseWatchLine(line);
  if (parsed.task_id.empty()) return tasks::Verdict::kNothing;
  return WatchTask(parsed.project, parsed.task_id);
}

tasks::Verdict Exporter::WatchTask(std::string_view project,
                                   std::string_view id) {
  const tasks::Verdict verdict = FindAndWatch(project, id);
  if (tasks::IsRefusal(verdict)) {
    registry_.GetCounter(kTasksRefused, {tasks::RefusalName(verdict)})
        .Increment();
  }
  return verdict;
}

tasks::Verdict Exporter::FindAndWatch(std::string_view project,
                                      std::string_view id) {
  if (tasks::IsNoTask(id)) return tasks::Verdict::kNothing;
  if (!tasks::IsTaskId(id)) return tasks::Verdict::kMalformed;
  std::lock_guard lock(mutex_);
  auto found = projects_.find(project);
  if (project.empty()) {
    if (projects_.size() != 1 || options_.tasks.sharded)
      return tasks::Verdict::kNoProject;
    found = projects_.begin();
  }
  if (found == projects_.end()) {
    return options_.tasks.sharded ? tasks::Verdict::kElsewhere
                                  : tasks::Verdict::kUnknownProject;
  }
  ProjectTasks& watched = found->second->tasks();
  const tasks::Verdict verdict = watched.book().Add(id);
  if (verdict == tasks::Verdict::kAdded && watched.AskWake())
    poller_.RunSoon(found->first, kTasksSlot);
  return verdict;
}

std::vector<ProjectTaskList> Exporter::WatchedTasks(
    std::string_view project) const {
  std::lock_guard lock(mutex_);
  std::vector<ProjectTaskList> lists;
  for (const auto& [name, one] : projects_) {
    if (project.empty() || project == name)
      lists.push_back({name, one->tasks().book().Current()});
  }
  return lists;
}

Status Exporter::GetStatus() const {
  std::lock_guard lock(mutex_);
  Status status{.now = context_.clock.Wall(),
                .now_mono = context_.clock.Mono(),
                .ready = IsReady(),
                .healthy = IsHealthy(),
                .unknown_values = {},
                .bad_items = {},
                .projects = {}};
  const auto words = drift_.unknown_words();
  for (const auto& [field, count] : api_metrics_.unknown_values()) {
    const auto known = words.find(field);
    status.unknown_values.push_back({field, count, {}});
    if (known != words.end()) {
      status.unknown_values.back().words.assign(known->second.begin(),
                                                known->second.end());
    }
  }
  for (const auto& [field, count] : api_metrics_.bad_items())
    status.bad_items.push_back({field, count, {}});
  for (const auto& [name, project] : projects_)
    status.projects.push_back(project->GetStatus());
  return status;
}

}  // namespace serverspace::exporter
