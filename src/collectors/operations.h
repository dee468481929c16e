#pragma once

#include <string_view>
#include <vector>

#include "collectors/collector.h"

namespace serverspace::collectors {

// The API lists no tasks (API reference 2.1), so what is under way is told by
// what is not settled.

inline constexpr metrics::Desc kOperationsInProgress = {
    "serverspace_operations_in_progress",
    metrics::Type::kGauge,
    "Resources that are not settled now, such as new or busy ones, by type.",
    {"resource"}};
inline constexpr metrics::Desc kOperationsOldestStart = {
    "serverspace_operations_oldest_start_timestamp_seconds",
    metrics::Type::kGauge,
    "When the oldest operation in progress was first seen, as seconds since "
    "1970; absent if there is none.",
    {"resource"}};

/// Adds both for one type of resource, `ids` being those that are not settled,
/// and tells the run of them.
void AddOperations(const Run& run, std::string_view resource,
                   const std::vector<std::string_view>& ids,
                   metrics::SampleSet& out);

}  // namespace serverspace::collectors
