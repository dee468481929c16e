#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "collectors/registry.h"
#include "exporter/exporter.h"
#include "exporter/fake_transport.h"
#include "exporter/page_text.h"

namespace serverspace::exporter {

using namespace std::chrono_literals;

inline constexpr std::string_view kKey = "l5-a-key-that-nobody-may-see";
/// The core collectors over a fake API. The poller has two threads for each
/// project, and there is the housekeeper.
class ExporterTest : public testing::Test {
 protected:
  void AddProject(std::string name, std::string host = "api.example.com") {
    options_.projects.push_back(
        {.facts = {.name = std::move(name),
                   .thresholds = {},
                   .api_key_expires = {}},
         .base_url = {.host = std::move(host), .port = 443, .path = ""},
         .key = {.file = "", .key = Secret(kKey)}});
  }
  void AddCore() {
    for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
      if (row.presence != collectors::Presence::kCore) continue;
      options_.collectors.push_back({.name = std::string(row.name),
                                     .collector = row.make(),
                                     .presence = row.presence,
                                     .interval = row.interval,
                                     .stale_after = 600s});
    }
  }
  /// What was added, and the core.
  ExporterOptions TakeOptions() {
    AddCore();
    options_.build = {"1.2.3", "abc", "g++"};
    threads_ =
        std::max<int>(1, 2 * static_cast<int>(options_.projects.size())) + 1;
    return std::exchange(options_, {});
  }
  Exporter& Make() {
    exporter_ = std::make_unique<Exporter>(
        TakeOptions(), ExporterContext{.transport = transport_,
                                       .store = store_,
                                       .clock = clock_,
                                       .random = random_,
                                       .log = log_});
    return *exporter_;
  }
  Exporter& Start() {
    Make().Start();
    return *exporter_;
  }
  /// Goes on with what was added, and the core.
  Changes Apply() { return exporter_->Apply(TakeOptions()); }
  /// Lets time pass in steps, each of which ends when all threads rest.
  void Pass(Duration time, Duration step = 50ms) {
    for (; time > Duration::zero(); time -= step) {
      clock_.AwaitWaiters(threads_);
      clock_.Advance(step);
    }
    clock_.AwaitWaiters(threads_);
  }
  std::string Page() const { return PageText(*exporter_->page()); }
  std::string Lines(std::string_view start) const {
    return LinesOf(Page(), start);
  }

  FakeClock clock_;
  Random random_{7};
  RecordingLog log_;
  MemoryState store_;
  FakeTransport transport_{clock_};
  ExporterOptions options_;
  std::unique_ptr<Exporter> exporter_;
  int threads_ = 0;
};

}  // namespace serverspace::exporter
