#include "exporter/exporter.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

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

constexpr std::string_view kProcessSlot = "process";

constexpr Duration kReadyAtLatest = 30s;
/// Until ready, people and probes wait for the first page.
constexpr Duration kTickUntilReady = 20ms;

/// Enough threads to use every slot that admission gives, and no more: each
/// costs a stack.
constexpr std::size_t kMaxThreads = 48;

bool IsCore(const ActiveCollector& collector) {
  return collector.presence == collectors::Presence::kCore;
}

constexpr const Desc* kDescs[] = {&kBuildInfo, &kProjects};

}  // namespace

std::span<const Desc* const> Exporter::Describe() { return kDescs; }

Exporter::Exporter(ExporterOptions options, const ExporterContext& context)
    : options_(std::move(options)),
      context_(context),
      api_metrics_(registry_),
      drift_(api_metrics_),
      hosts_({}, context.clock, context.random, api_metrics_),
      poller_(context.clock, context.random, api::Admission::Limits()),
      runner_(options_.collectors, options_.address_labels, pages_,
              context.clock, context.log) {
  for (const ProjectOptions& project : options_.projects) {
    const std::string host = project.base_url.Authority();
    const std::string& name = project.facts.name;
    poller_.admission().AddProject(name, host);
    api_metrics_.AddProject(name);
    api_metrics_.AddHost(host);
    auto client = std::make_unique<api::HttpProjectClient>(
        api::ClientOptions{
            .project = name,
            .base = project.base_url,
            .attempt_timeout = options_.attempt_timeout,
            .limiter = {.per_second = options_.max_requests_per_second}},
        project.key,
        api::ClientContext{.transport = context_.transport,
                           .host = hosts_.For(project.base_url),
                           .admission = poller_.admission(),
                           .drift = drift_,
                           .observer = api_metrics_,
                           .clock = context_.clock,
                           .random = context_.random});
    projects_.push_back(std::make_unique<Project>(
        project.facts, std::move(client), options_.collectors, context_.store,
        context_.clock, context_.log));
  }
}

void Exporter::AddJobs(bool core) {
  for (const auto& project : projects_) {
    for (std::size_t index = 0; index < options_.collectors.size(); ++index) {
      const ActiveCollector& collector = options_.collectors[index];
      if (IsCore(collector) != core) continue;
      poller_.Add(project->name(), collector.interval,
                  [this, &project = *project, index](std::stop_token stop) {
                    return runner_.Run(project, index, std::move(stop));
                  });
    }
  }
}

Exporter::~Exporter() { Stop(); }

void Exporter::AddSelfSource(SelfSource source) {
  self_sources_.push_back(std::move(source));
}

void Exporter::Start() {
  started_ = context_.clock.Mono();
  // Counters are there from 0 before the first run, and the first page tells of
  // the process at once.
  for (const auto& project : projects_) runner_.PublishSelf(*project);
  PublishSelf();
  pages_.Rebuild();
  // In the first pass everything is due at once. What readiness waits for comes
  // first, and a product that is missing is better known once the project has
  // been read.
  AddJobs(true);
  AddJobs(false);
  poller_.Start(ThreadCount());
  housekeeper_ =
      std::jthread([this](const std::stop_token& stop) { Housekeep(stop); });
}

void Exporter::RunOnce(Duration limit) {
  started_ = context_.clock.Mono();
  runner_.EndRunsBy(started_ + limit);
  for (const bool core : {true, false}) {
    AddJobs(core);
    poller_.RunOnce(ThreadCount());
  }
  for (const auto& project : projects_) runner_.PublishSelf(*project);
  PublishSelf();
  pages_.Remove("", kProcessSlot);
  pages_.Rebuild();
}

void Exporter::Stop() {
  poller_.Stop();
  housekeeper_ = std::jthread();
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
  MonoTime next_self = clock.Mono() + options_.self_interval;
  while (clock.SleepUntil(
      clock.Mono() + (IsReady() ? options_.publish_interval : kTickUntilReady),
      stop)) {
    try {
      for (const auto& project : projects_) runner_.Sweep(*project);
      if (clock.Mono() >= next_self) {
        PublishSelf();
        next_self = clock.Mono() + options_.self_interval;
      }
      const bool ready =
          AllAttempted() || clock.Mono() - started_ >= kReadyAtLatest;
      pages_.Rebuild();
      if (ready && !ready_.exchange(true)) context_.log.Info("ready");
    } catch (const std::exception&) {
      // Only memory can run out here. The last page stays, changes are kept,
      // and the next tick tries again.
      context_.log.Error("could not publish; trying again");
    }
  }
}

void Exporter::PublishSelf() {
  metrics::SampleSet own("");
  own.Add(kBuildInfo,
          {options_.build.version, options_.build.revision,
           options_.build.compiler},
          1);
  own.Add(kProjects, {}, projects_.size());
  AddStateStats(context_.store.stats(), own);
  for (const SelfSource& source : self_sources_) source(own);
  pages_.Put("", kSelfSlot, std::move(own).Render());
  pages_.Put("", "api", registry_.Render());
  pages_.Put("", kProcessSlot, process_.Render());
}

bool Exporter::AllAttempted() const {
  return std::ranges::all_of(projects_, [&](const auto& project) {
    // An attempt counts once all that it says was put on the page.
    const auto publishing = project->LockPublishing();
    const std::vector<CollectorState> states = project->States();
    for (std::size_t index = 0; index < states.size(); ++index) {
      if (IsCore(options_.collectors[index]) && !states[index].last_attempt)
        return false;
    }
    return true;
  });
}

std::set<std::string> Exporter::ProjectNames() const {
  std::set<std::string> names;
  for (const auto& project : projects_) names.insert(project->name());
  return names;
}

std::set<std::string> Exporter::CollectorNames() const {
  std::set<std::string> names;
  for (const ActiveCollector& collector : options_.collectors)
    names.insert(collector.name);
  return names;
}

Status Exporter::GetStatus() const {
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
  for (const auto& project : projects_)
    status.projects.push_back(project->GetStatus(options_.collectors));
  return status;
}

}  // namespace serverspace::exporter
