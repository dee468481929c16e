#include "exporter/collector_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

/// What is said of some thousand servers.
constexpr std::size_t kLargeFragmentBytes = 4 << 20;
/// A product may be bought later, so one that is not there is asked for again.
constexpr Duration kUnsupportedInterval = 1h;
/// A failure need not cost a whole long interval: the first is tried again
/// after this time, the next ones after twice the time before.
constexpr Duration kRetryFirst = 1min;
/// The same failure is told again after this long, even if it comes and goes.
constexpr Duration kReportAgainAfter = 1h;

void Record(CollectorState& state, const Clock& clock, MonoTime started,
            bool success) {
  state.last_attempt = clock.Wall();
  state.last_duration = clock.Mono() - started;
  state.success = success;
  state.next_run = started + state.interval;
}

void Unpublish(CollectorState& state) {
  state.published = false;
  state.series = 0;
  state.operations.clear();
}

/// When to try again after so many failures in a row: in its interval at the
/// latest, and not at once if the run took long.
Duration RetryInterval(const CollectorState& state) {
  constexpr std::uint64_t kMaxDoublings = 16;
  Duration pause =
      kRetryFirst * (1 << std::min(state.failures - 1, kMaxDoublings));
  pause = std::max(pause, 2 * state.last_duration);
  return std::min(pause, state.interval);
}

}  // namespace

CollectorRunner::CollectorRunner(const std::vector<ActiveCollector>& collectors,
                                 const Options& options,
                                 metrics::PageStore& pages, const Clock& clock,
                                 Logger& log)
    : collectors_(collectors),
      options_(options),
      pages_(pages),
      clock_(clock),
      log_(log) {}

std::optional<Duration> CollectorRunner::Run(Project& project,
                                             std::size_t index,
                                             std::stop_token stop) {
  const ActiveCollector& active = collectors_[index];
  const MonoTime started = clock_.Mono();
  const api::Call call{
      .deadline = std::min(end_of_runs_,
                           started + collectors::RunTime(active.interval)),
      .stop = std::move(stop)};
  std::vector<collectors::Operations> operations;
  const collectors::Run run{.api = project.client(),
                            .call = call,
                            .inventory = project.inventory(),
                            .first_seen = project.first_seen(),
                            .ledger = project.ledger(),
                            .operations = operations,
                            .budget = {.interval = active.interval,
                                       .calls = collectors::CallsIn(
                                           call.deadline - started,
                                           options_.max_requests_per_second)},
                            .address_labels = options_.address_labels};
  const bool reads_project = active.name == collectors::kProjectCollector;
  const std::uint64_t moves = project.inventory().moves();
  metrics::SampleSet samples(project.name());
  Result<void> outcome = [&]() -> Result<void> {
    try {
      return active.collector->Collect(run, samples);
    } catch (...) {
      // A fault of ours must not end the daemon. Its text may quote what was
      // being read, so it stays here.
      return Error{ErrorCode::kOther,
                   "internal error: the collector threw an exception"};
    }
  }();

  Duration next = active.interval;
  const auto publishing = project.LockPublishing();
  if (project.inventory().moves() != moves) {
    if (!reads_project) {
      // Nobody knows of which project this is: it is read again at once.
      project.ForgetServerList(active.name);
      return Duration::zero();
    }
    DropOthers(project, index);
  }
  if (outcome.ok()) {
    Succeeded(project, index, std::move(samples), std::move(operations),
              started);
  } else if (outcome.error().code == ErrorCode::kCancelled) {
    return std::nullopt;
  } else if (IsUnsupported(project, index, outcome.error())) {
    Unsupported(project, index, started);
    next = kUnsupportedInterval;
  } else if (outcome.error().code == ErrorCode::kTooManyCalls) {
    Skipped(project, index, outcome.error(), started);
  } else {
    next = Failed(project, index, outcome.error(), started);
  }
  PutSelf(project);
  return next;
}

void CollectorRunner::Succeeded(
    Project& project, std::size_t index, metrics::SampleSet&& samples,
    std::vector<collectors::Operations>&& operations, MonoTime started) {
  auto fragment = std::move(samples).Render();
  if (fragment.size_bytes() >= kLargeFragmentBytes) large_run_ = true;
  pages_.Put(project.name(), collectors_[index].name, fragment);
  const std::uint64_t failures =
      project.WithState(index, [&](CollectorState& state) {
        Record(state, clock_, started, true);
        state.supported = true;
        state.last_success = state.last_attempt;
        state.last_success_mono = clock_.Mono();
        state.series = fragment.series();
        state.operations = std::move(operations);
        state.published = true;
        state.dropped_duplicates += fragment.dropped_duplicates();
        state.last_error.clear();
        const std::uint64_t row = std::exchange(state.failures, 0);
        return std::exchange(state.told_failing, false) ? row : 0;
      });
  if (failures > 0) {
    log_.Info("collector recovered", {{"project", project.name()},
                                      {"collector", collectors_[index].name},
                                      {"failures", failures}});
  }
  if (const auto currency = project.TakeUnwatchedCurrency()) {
    log_.Warn(
        "no balance threshold is configured for the currency of the project, "
        "though there are some for others: no alert will tell that it runs low",
        {{"project", project.name()}, {"currency", *currency}});
  }
  if (fragment.dropped_duplicates() > 0) {
    log_.Debug("series left out that the page had already",
               {{"project", project.name()},
                {"collector", collectors_[index].name},
                {"series", fragment.dropped_duplicates()}});
  }
}

void CollectorRunner::Unsupported(Project& project, std::size_t index,
                                  MonoTime started) {
  pages_.Remove(project.name(), collectors_[index].name);
  const bool news = project.WithState(index, [&](CollectorState& state) {
    Record(state, clock_, started, true);
    state.last_success = state.last_attempt;
    state.last_success_mono = clock_.Mono();
    Unpublish(state);
    state.last_error.clear();
    state.told_failing = false;
    state.failures = 0;
    state.next_run = started + kUnsupportedInterval;
    return std::exchange(state.supported, false);
  });
  if (news) {
    log_.Info(
        "the project does not have what this collector reads; it is asked "
        "again every hour",
        {{"project", project.name()}, {"collector", collectors_[index].name}});
  }
}

void CollectorRunner::Skipped(Project& project, std::size_t index,
                              const Error& error, MonoTime started) {
  const bool news = project.WithState(index, [&](CollectorState& state) {
    Record(state, clock_, started, false);
    state.skipped_runs = state.skipped_runs.value_or(0) + 1;
    const bool first =
        state.failures == 0 || state.last_code != ErrorCode::kTooManyCalls;
    ++state.failures;
    state.told_failing = true;
    state.last_code = ErrorCode::kTooManyCalls;
    state.last_error = error.message;
    return first;
  });
  log_.Log(news ? LogLevel::kWarn : LogLevel::kDebug,
           "collector skipped: its interval is too short",
           {{"project", project.name()},
            {"collector", collectors_[index].name},
            {"error", error.message}});
}

Duration CollectorRunner::Failed(Project& project, std::size_t index,
                                 const Error& error, MonoTime started) {
  const ErrorCode reason = ReasonOf(error.code);
  std::uint64_t failures = 0;
  Duration next{};
  const bool report = project.WithState(index, [&](CollectorState& state) {
    Record(state, clock_, started, false);
    ++state.errors[static_cast<std::size_t>(reason)];
    ++state.failures;
    next = RetryInterval(state);
    state.next_run = started + next;
    const MonoTime now = clock_.Mono();
    auto& told = state.told[static_cast<std::size_t>(reason)];
    failures = ++told.failures_since;
    const bool news = !told.last || now - *told.last >= kReportAgainAfter;
    if (news) {
      told = {.last = now, .failures_since = 0};
      state.told_failing = true;
    }
    state.last_code = reason;
    state.last_error = error.message;
    return news;
  });
  const std::initializer_list<LogField> fields = {
      {"project", project.name()},
      {"collector", collectors_[index].name},
      {"reason", ReasonName(reason)},
      {"error", reason == ErrorCode::kAuth
                    ? error.message + "; the API refuses the key"
                    : error.message},
      {"failures", failures},
      {"duration_seconds", Seconds(clock_.Mono() - started)}};
  log_.Log(report ? LogLevel::kWarn : LogLevel::kDebug, "collector failed",
           fields);
  return next;
}

bool CollectorRunner::IsUnsupported(Project& project, std::size_t index,
                                    const Error& error) const {
  const bool refused =
      error.code == ErrorCode::kNotFound || error.code == ErrorCode::kForbidden;
  if (!refused || collectors_[index].presence == collectors::Presence::kCore)
    return false;
  // The same answers may come to a key that is refused altogether (API
  // reference 4: which one is not recorded). Only a project that was read with
  // the same key lately tells.
  const auto reads_project = std::ranges::find(
      collectors_, collectors::kProjectCollector, &ActiveCollector::name);
  if (reads_project == collectors_.end()) return false;
  const MonoTime key_since = project.key_since();
  return project.WithState(
      static_cast<std::size_t>(reads_project - collectors_.begin()),
      [&](const CollectorState& state) {
        const bool refused_since = state.success.has_value() &&
                                   !*state.success &&
                                   state.last_code == ErrorCode::kAuth;
        return !refused_since && state.last_success_mono &&
               *state.last_success_mono >= key_since &&
               clock_.Mono() - *state.last_success_mono <= 2 * state.interval;
      });
}

void CollectorRunner::DropOthers(Project& project, std::size_t index) {
  for (std::size_t other = 0; other < collectors_.size(); ++other) {
    if (other == index) continue;
    project.WithState(other, Unpublish);
    pages_.Remove(project.name(), collectors_[other].name);
  }
  log_.Warn(
      "the key opens another project now; what was read of the one before is "
      "served no more",
      {{"project", project.name()}});
}

void CollectorRunner::Sweep(Project& project) {
  const auto publishing = project.LockPublishing();
  bool changed = false;
  for (std::size_t index = 0; index < collectors_.size(); ++index) {
    const bool stale = project.WithState(index, [&](CollectorState& state) {
      if (!state.IsStale(clock_.Mono())) return false;
      Unpublish(state);
      return true;
    });
    if (!stale) continue;
    pages_.Remove(project.name(), collectors_[index].name);
    changed = true;
    log_.Warn(
        "the last good data is too old and is served no more",
        {{"project", project.name()}, {"collector", collectors_[index].name}});
  }
  if (changed || project.HasNewTotals()) PutSelf(project);
}

void CollectorRunner::PublishSelf(Project& project) {
  const auto publishing = project.LockPublishing();
  PutSelf(project);
}

void CollectorRunner::PutSelf(Project& project) {
  metrics::SampleSet lasting(project.name());
  project.AddLasting(lasting);
  pages_.Put(project.name(), kLastingSlot, std::move(lasting).Render());

  metrics::SampleSet self(project.name());
  const std::vector<CollectorState> states = project.States();
  for (std::size_t index = 0; index < states.size(); ++index) {
    AddCollectorState(collectors_[index].name, states[index], self);
  }
  pages_.Put(project.name(), kSelfSlot, std::move(self).Render());
}

}  // namespace serverspace::exporter
