#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"

namespace serverspace::exporter {

/// Whether what must survive a restart will. A value.
struct StateStats {
  bool persistent = false;
  std::uint64_t write_errors = 0;
  std::optional<WallTime> last_write;
};

/// Every family that `AddStateStats` may add.
std::span<const metrics::Desc* const> StateStatsDescs();

void AddStateStats(const StateStats& stats, metrics::SampleSet& out);

}  // namespace serverspace::exporter
