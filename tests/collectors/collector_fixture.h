#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "collectors/collector.h"
#include "collectors/fake_first_seen.h"
#include "collectors/fake_ledger.h"
#include "collectors/fake_project_client.h"

namespace serverspace::collectors {

/// Runs collectors for the project `prod`.
class CollectorFixture : public testing::Test {
 protected:
  /// The lines of a run, families by name; `error: ...` if it failed.
  std::string Collect(const Collector& collector) {
    metrics::SampleSet samples("prod");
    const auto outcome = collector.Collect(MakeRun(), samples);
    if (!outcome.ok()) return "error: " + outcome.error().message;
    return std::move(samples).Render().ToString();
  }

  collectors::Run MakeRun() {
    return {.api = client_,
            .call = call_,
            .inventory = inventory_,
            .first_seen = first_seen_,
            .ledger = ledger_,
            .operations = operations_,
            .budget = budget_,
            .address_labels = address_labels_};
  }

  FakeProjectClient client_;
  const api::Call call_{.deadline = MonoTime(std::chrono::hours(1)),
                        .stop = {}};
  Inventory inventory_;
  FakeFirstSeen first_seen_;
  FakeLedger ledger_;
  CallBudget budget_{.interval = std::chrono::minutes(15), .calls = 3600};
  std::vector<Operations> operations_;
  bool address_labels_ = true;
};

}  // namespace serverspace::collectors
