#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/project_client.h"
#include "base/clock.h"
#include "base/result.h"
#include "collectors/call_budget.h"
#include "collectors/first_seen.h"
#include "collectors/inventory.h"
#include "collectors/ledger.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"

namespace serverspace::collectors {

/// How many resources of one type are not settled, and since when the oldest.
struct Operations {
  std::string resource;
  std::size_t in_progress = 0;
  std::optional<WallTime> oldest_start;
};

/// What one run works with; all of it belongs to one project and outlives the
/// run.
struct Run {
  api::ProjectClient& api;
  const api::Call& call;
  Inventory& inventory;
  FirstSeen& first_seen;
  Ledger& ledger;
  /// What the run tells of operations beside its samples, for people.
  std::vector<Operations>& operations;
  CallBudget budget{};
  bool address_labels =
      true;  ///< Whether IP and MAC addresses may become labels.
};

/// Reads one area of the API and says it as samples. Stateless: one instance
/// serves all projects and many threads.
class Collector {
 public:
  Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  virtual ~Collector() = default;

  /// Every family that `Collect` may add.
  virtual std::span<const metrics::Desc* const> Describe() const = 0;

  /// Adds all samples of the project, or returns the first error; then nothing
  /// of the run is published.
  virtual Result<void> Collect(const Run& run,
                               metrics::SampleSet& out) const = 0;
};

}  // namespace serverspace::collectors
