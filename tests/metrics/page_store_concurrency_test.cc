#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "metrics/page_store.h"
#include "metrics/page_testing.h"
#include "metrics/sample_set.h"

namespace serverspace::metrics {
namespace {

constexpr Desc kInfo{"a_info", Type::kInfo, "A.", {"id"}};
constexpr Desc kValue{"b", Type::kGauge, "B.", {}};

Fragment Make(const std::string& project, int lines) {
  SampleSet set(project);
  for (int i = 0; i < lines; ++i)
    set.Add(kInfo, {"resource-" + std::to_string(i)}, 1);
  set.Add(kValue, {}, lines);
  return std::move(set).Render();
}

TEST(PageStoreConcurrencyTest, WritersReadersAndPublisherShareAStore) {
  constexpr int kWriters = 3;
  constexpr int kProjectsPerWriter = 10;
  constexpr int kRounds = 40;
  PageStore store;
  std::atomic<bool> writing = true;
  std::atomic<int> broken = 0;
  {
    const std::jthread publisher([&store](const std::stop_token& stop) {
      while (!stop.stop_requested()) store.Rebuild();
    });
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 2; ++reader) {
      readers.emplace_back([&] {
        do {
          const auto page = store.Current();
          const auto filtered = page->Filter({"c"}, {"w0-p0", "w1-p1"});
          for (const auto& shown : {page, filtered}) {
            const auto& plain =
                shown->Get(Format::kOpenMetrics, Encoding::kIdentity);
            const auto& gzip =
                shown->Get(Format::kOpenMetrics, Encoding::kGzip);
            if (Gunzip(Join(gzip)) != Join(plain)) ++broken;
          }
        } while (writing);
      });
    }
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&store, writer] {
        for (int round = 0; round < kRounds; ++round) {
          for (int p = 0; p < kProjectsPerWriter; ++p) {
            const std::string project =
                "w" + std::to_string(writer) + "-p" + std::to_string(p);
            store.Put(project, "c", Make(project, (round * 7 + p) % 50));
            if ((round + p) % 9 == 0) store.Remove(project, "c");
            if ((round + p) % 13 == 0) store.RemoveProject(project);
            if (p == 0) store.Rebuild();
          }
        }
      });
    }
    writers.clear();
    writing = false;
  }
  store.Rebuild();

  EXPECT_EQ(broken, 0);
  NaivePage naive;
  constexpr int kLast = kRounds - 1;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int p = 0; p < kProjectsPerWriter; ++p) {
      if ((kLast + p) % 9 == 0 || (kLast + p) % 13 == 0) continue;
      const std::string project =
          "w" + std::to_string(writer) + "-p" + std::to_string(p);
      naive.Put(project, "c", Make(project, (kLast * 7 + p) % 50));
    }
  }
  ExpectSame(*store.Current(), naive);
}

}  // namespace
}  // namespace serverspace::metrics
