#include "metrics/publisher.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "metrics/sample_set.h"

namespace serverspace::metrics {
namespace {

constexpr Desc kDesc{"x", Type::kGauge, "X.", {}};

void Put(PageStore& store, const std::string& project) {
  SampleSet set(project);
  set.Add(kDesc, {}, 1);
  store.Put(project, "c", std::move(set).Render());
}

void AwaitSeries(const PageStore& store, std::size_t series) {
  while (store.Current()->series() != series) std::this_thread::yield();
}

TEST(PublisherTest, PublishesTheFirstChangeAtOnce) {
  FakeClock clock;
  PageStore store;
  const Publisher publisher(store, clock);
  Put(store, "a");
  AwaitSeries(store, 1);
}

TEST(PublisherTest, PublishesABurstAsOnePage) {
  FakeClock clock;
  PageStore store;
  const Publisher publisher(store, clock);
  Put(store, "a");
  AwaitSeries(store, 1);
  for (int i = 0; i < 1'000; ++i) {
    Put(store, "p" + std::to_string(i));
    if (i % 100 == 0) clock.AwaitWaiters(1);
  }
  EXPECT_EQ(store.Current()->series(), 1U);
  clock.Advance(std::chrono::seconds(1));
  AwaitSeries(store, 1'001);
  EXPECT_EQ(store.stats().pages, 3U);
  EXPECT_EQ(publisher.failures(), 0U);
}

TEST(PublisherTest, EndsWhileItWaits) {
  FakeClock clock;
  PageStore store;
  {
    const Publisher idle(store, clock);
    clock.AwaitWaiters(1);
  }
  const Publisher throttled(store, clock);
  Put(store, "a");
  AwaitSeries(store, 1);
  Put(store, "b");
  clock.AwaitWaiters(1);
}

}  // namespace
}  // namespace serverspace::metrics
