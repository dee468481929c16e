#include "server/access_queue.h"

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace serverspace::server {
namespace {

class AccessQueueTest : public testing::Test {
 protected:
  // Has the thread wait, so that what is posted next stays in the queue.
  void Hold() {
    std::promise<void> running;
    queue_.Post(
        "holder",
        [&, hold = release_.get_future().share()] {
          running.set_value();
          hold.wait();
          return true;
        },
        [](bool) {});
    running.get_future().wait();
  }
  void Release() { release_.set_value(); }

  void Post(const std::string& peer, bool admit, const std::string& name) {
    queue_.Post(
        peer, [admit] { return admit; },
        [this, name](bool ran) {
          const std::lock_guard lock(mutex_);
          ended_.push_back(ran ? name : "no " + name);
          if (ended_.size() == expected_) all_.set_value();
        });
  }

  std::vector<std::string> Await(std::size_t count) {
    {
      const std::lock_guard lock(mutex_);
      expected_ = count;
      if (ended_.size() >= count) return ended_;
    }
    EXPECT_EQ(all_.get_future().wait_for(std::chrono::seconds(30)),
              std::future_status::ready);
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  using Names = std::vector<std::string>;

  FakeClock clock_;
  std::mutex mutex_;  // guards ended_ and expected_
  Names ended_;
  std::size_t expected_ = 0;
  std::promise<void> all_;
  std::promise<void> release_;
  AccessQueue queue_{4, clock_};
};

TEST_F(AccessQueueTest, RunsInOrder) {
  Hold();
  for (const char* name : {"1", "2", "3"}) Post("a", true, name);
  Release();
  EXPECT_EQ(Await(3), (Names{"1", "2", "3"}));
}

TEST_F(AccessQueueTest, WhoFailedComesAfterTheOthers) {
  Hold();
  Post("192.0.2.1", false, "guess 1");
  Post("192.0.2.1", false, "guess 2");
  Post("192.0.2.1", false, "guess 3");
  Post("192.0.2.2", true, "good");
  Release();
  EXPECT_EQ(Await(4), (Names{"guess 1", "good", "guess 2", "guess 3"}));
}

TEST_F(AccessQueueTest, AnIpv6NetworkIsOnePeer) {
  Hold();
  Post("2001:db8::1", false, "guess 1");
  Post("2001:db8::2", false, "guess 2");
  Post("2001:db8:0:1::1", true, "good");
  Release();
  EXPECT_EQ(Await(3), (Names{"guess 1", "good", "guess 2"}));
}

TEST_F(AccessQueueTest, WhenItIsFullWhoAsksMostIsRefused) {
  Hold();
  for (const char* name : {"1", "2", "3", "4"}) Post("192.0.2.1", true, name);
  Post("192.0.2.2", true, "good");
  EXPECT_EQ(Await(1), (Names{"no 4"}));
  Release();
  all_ = {};
  EXPECT_EQ(Await(5), (Names{"no 4", "1", "2", "3", "good"}));
}

TEST_F(AccessQueueTest, FailuresAreForgottenAfterAMinute) {
  Post("192.0.2.1", false, "guess");
  ASSERT_EQ(Await(1), (Names{"guess"}));
  clock_.Advance(std::chrono::seconds(61));
  Hold();
  Post("192.0.2.1", true, "1");
  Post("192.0.2.2", true, "2");
  Release();
  all_ = {};
  EXPECT_EQ(Await(3), (Names{"guess", "1", "2"}));
}

TEST_F(AccessQueueTest, StoppingTellsThoseWhoWait) {
  Hold();
  Post("a", true, "1");
  Post("b", true, "2");
  std::jthread stopping([this] { queue_.Stop(); });
  EXPECT_EQ(Await(2), (Names{"no 1", "no 2"}));
  Release();
}

TEST_F(AccessQueueTest, TakesNothingOnceItHasStopped) {
  queue_.Stop();
  Post("a", true, "1");
  EXPECT_EQ(Await(1), (Names{"no 1"}));
  queue_.Stop();
}

}  // namespace
}  // namespace serverspace::server
