#pragma once

#include <functional>
#include <utility>

#include "collectors/collector.h"

namespace serverspace::exporter {

/// Does in a run what the test says.
class FakeCollector final : public collectors::Collector {
 public:
  using Action =
      std::function<Result<void>(const collectors::Run&, metrics::SampleSet&)>;

  explicit FakeCollector(const Action& action) : action_(action) {}

  std::span<const metrics::Desc* const> Describe() const override { return {}; }
  Result<void> Collect(const collectors::Run& run,
                       metrics::SampleSet& out) const override {
    return action_(run, out);
  }

 private:
  const Action& action_;
};

}  // namespace serverspace::exporter
