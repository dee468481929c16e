#include "exporter/state_stats.h"

namespace serverspace::exporter {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kPersistent = {
    "serverspace_exporter_state_persistent",
    Type::kGauge,
    "1 if totals and times survive a restart, 0 if there is no state file or "
    "it cannot be written.",
    {}};
constexpr Desc kLastWrite = {
    "serverspace_exporter_state_last_write_timestamp_seconds",
    Type::kGauge,
    "When the state was last written, as seconds since 1970; it is written "
    "only when something changed.",
    {}};
constexpr Desc kWriteErrors = {"serverspace_exporter_state_write_errors_total",
                               Type::kCounter,
                               "Writes of the state that failed.",
                               {}};

constexpr const Desc* kDescs[] = {&kPersistent, &kLastWrite, &kWriteErrors};

}  // namespace

std::span<const Desc* const> StateStatsDescs() { return kDescs; }

void AddStateStats(const StateStats& stats, metrics::SampleSet& out) {
  out.Add(kPersistent, {}, stats.persistent);
  if (stats.last_write) out.Add(kLastWrite, {}, *stats.last_write);
  out.Add(kWriteErrors, {}, stats.write_errors);
}

}  // namespace serverspace::exporter
