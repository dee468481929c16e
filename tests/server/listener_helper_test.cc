#include "server/listener_helper.h"

#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

TEST(ListenerHelperTest, RunsTasksInOrderOnItsOwnThread) {
  std::promise<std::thread::id> first;
  std::promise<std::thread::id> second;
  ListenerHelper helper(4);
  ASSERT_TRUE(
      helper.Post([&] { first.set_value(std::this_thread::get_id()); }));
  ASSERT_TRUE(
      helper.Post([&] { second.set_value(std::this_thread::get_id()); }));
  const auto id = first.get_future().get();
  EXPECT_EQ(id, second.get_future().get());
  EXPECT_NE(id, std::this_thread::get_id());
}

TEST(ListenerHelperTest, RefusesWhenItsQueueIsFull) {
  std::promise<void> started;
  std::promise<void> release;
  ListenerHelper helper(1);
  ASSERT_TRUE(helper.Post([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(helper.Post([] {}));
  EXPECT_FALSE(helper.Post([] {}));
  release.set_value();
}

TEST(ListenerHelperTest, StopDropsWhatHasNotBegun) {
  std::promise<void> started;
  std::promise<void> release;
  ListenerHelper helper(1'000'000);
  const auto owned = std::make_shared<int>(0);
  ASSERT_TRUE(helper.Post([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  ASSERT_TRUE(helper.Post([owned] { ++*owned; }));
  std::jthread stopper([&] { helper.Stop(); });
  // The queue is too long to fill: refused means that Stop has taken it.
  while (helper.Post([] {})) std::this_thread::yield();
  release.set_value();
  stopper.join();
  EXPECT_EQ(*owned, 0);
  EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace serverspace::server
