#include "collectors/operations.h"

#include <algorithm>
#include <optional>
#include <string>

namespace serverspace::collectors {

void AddOperations(const Run& run, std::string_view resource,
                   const std::vector<std::string_view>& ids,
                   metrics::SampleSet& out) {
  std::vector<FirstSeen::Item> items;
  items.reserve(ids.size());
  for (const std::string_view id : ids) items.push_back({id, "unsettled"});
  // Its own kind: a new server that turns busy is still the same operation.
  const std::vector<WallTime> starts =
      run.first_seen.Observe("operation/" + std::string(resource), items);
  out.Add(kOperationsInProgress, {resource}, ids.size());
  std::optional<WallTime> oldest;
  if (!starts.empty()) {
    oldest = std::ranges::min(starts);
    out.Add(kOperationsOldestStart, {resource}, *oldest);
  }
  run.operations.push_back({.resource = std::string(resource),
                            .in_progress = ids.size(),
                            .oldest_start = oldest});
}

}  // namespace serverspace::collectors
