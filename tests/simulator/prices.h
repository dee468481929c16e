#pragma once

#include <cstdint>

#include "base/money.h"
#include "simulator/model.h"

namespace serverspace::sim {

/// Invented prices in currency units per month; a server that is off costs the
/// same but for CPU and memory.
Money ServerPrice(int cpu, std::int64_t ram_mb, std::int64_t disk_mb,
                  std::int64_t bandwidth_mbps);
/// What all running resources of a project cost in a month.
Money MonthlyPrice(const Project& project);

}  // namespace serverspace::sim
