#include "app/reload.h"

#include <utility>

#include "app/config_summary.h"

namespace serverspace::app {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kSuccessful = {
    "serverspace_exporter_config_last_reload_successful",
    Type::kGauge,
    "1 if the configuration was taken over when it was last loaded, else 0.",
    {}};
constexpr Desc kLastSuccess = {
    "serverspace_exporter_config_last_reload_success_timestamp_seconds",
    Type::kGauge,
    "When the configuration that is in force was loaded, as seconds since "
    "1970.",
    {}};
constexpr const Desc* kDescs[] = {&kSuccessful, &kLastSuccess};

}  // namespace

Reloader::Reloader(Loader load, Applier apply, config::Config running,
                   const Clock& clock, Logger& log)
    : load_(std::move(load)),
      apply_(std::move(apply)),
      clock_(clock),
      log_(log),
      running_(std::move(running)),
      last_success_(clock.Wall()) {}

std::span<const Desc* const> Reloader::Describe() { return kDescs; }

Result<void> Reloader::Reload() {
  std::lock_guard reloading(reloading_);
  auto loaded = load_();
  if (!loaded.ok()) return Refuse(loaded.error());
  auto& [config, warnings] = loaded.value();
  const auto changes = apply_(config);
  if (!changes.ok()) return Refuse({{"", 0, 0, "", changes.error().message}});

  LogWarnings(warnings, log_);
  WarnOfWhatStays(config);
  log_.Info("configuration reloaded",
            {{"projects", config.projects.size()},
             {"added", changes.value().added},
             {"removed", changes.value().removed},
             {"reconnected", changes.value().reconnected}});
  Note(true);
  return {};
}

Result<void> Reloader::Refuse(const std::vector<config::Problem>& problems) {
  Note(false);
  for (const std::string& reason : config::FirstReasons(problems)) {
    log_.Error("configuration not reloaded; the one before stays",
               {{"reason", reason}});
  }
  return Error{ErrorCode::kInvalidInput, config::JoinFirstReasons(problems)};
}

void Reloader::WarnOfWhatStays(const config::Config& next) {
  const auto warn = [&](std::string_view setting) {
    log_.Warn("a changed setting takes effect at the next start only",
              {{"setting", setting}});
  };
  if (next.web.listen_addresses != running_.web.listen_addresses)
    warn("web.listen-address");
  if (next.web.systemd_socket != running_.web.systemd_socket)
    warn("web.systemd-socket");
  if (next.web.max_connections != running_.web.max_connections)
    warn("web.max-connections");
  if (next.web.enable_lifecycle != running_.web.enable_lifecycle)
    warn("web.enable-lifecycle");
  if (next.web.enable_task_api != running_.web.enable_task_api)
    warn("web.enable-task-api");
  if (next.web.config_file != running_.web.config_file) warn("web.config.file");
  if (next.state_file != running_.state_file) warn("state_file");
}

void Reloader::Note(bool successful) {
  std::lock_guard lock(outcome_mutex_);
  const WallTime now = clock_.Wall();
  refused_ = successful ? std::nullopt : std::optional(now);
  if (successful) last_success_ = now;
}

std::optional<WallTime> Reloader::refused() const {
  std::lock_guard lock(outcome_mutex_);
  return refused_;
}

void Reloader::AddMetrics(metrics::SampleSet& out) const {
  std::lock_guard lock(outcome_mutex_);
  out.Add(kSuccessful, {}, !refused_);
  out.Add(kLastSuccess, {}, last_success_);
}

}  // namespace serverspace::app
