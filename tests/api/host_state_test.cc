#include "api/host_state.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/recording_observer.h"
#include "base/fake_clock.h"
#include "base/timestamp.h"

namespace serverspace::api {
namespace {

using namespace std::chrono_literals;
using http::Stage;
using testing::ElementsAre;
using testing::HasSubstr;

class HostStateTest : public testing::Test {
 protected:
  void Fail(Stage stage = Stage::kConnect,
            ErrorCode code = ErrorCode::kNetwork) {
    auto pass = host_.Enter();
    ASSERT_TRUE(pass.ok());
    pass.value().Failed({code, "connect: connection refused"}, stage);
  }
  void Open() {
    for (int n = 0; n < 5; ++n) Fail();
    ASSERT_FALSE(host_.Check().ok());
  }
  bool IsOpen() {
    return observer_.circuits().back() == "api.example.com open";
  }
  /// The seconds until a probe is let through, whole ones.
  int PauseLength() {
    int seconds = 0;
    while (!host_.Check().ok() && seconds < 1000) {
      clock_.Advance(1s);
      ++seconds;
    }
    return seconds;
  }

  RecordingObserver observer_;
  FakeClock clock_;
  Random random_{7};
  HostState host_{"api.example.com", {}, clock_, random_, observer_};
};

TEST_F(HostStateTest, StartsClosedAndSaysSo) {
  EXPECT_TRUE(host_.Check().ok());
  EXPECT_THAT(observer_.circuits(), ElementsAre("api.example.com closed"));
}

TEST_F(HostStateTest, OpensAfterFiveFailuresInARow) {
  for (int n = 0; n < 4; ++n) Fail();
  EXPECT_FALSE(IsOpen());
  Fail();
  EXPECT_TRUE(IsOpen());
  const auto refused = host_.Enter();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNetwork);
  EXPECT_THAT(refused.error().message, HasSubstr("circuit open"));
}

TEST_F(HostStateTest, CountsOnlyResolvingConnectingAndTls) {
  Fail(Stage::kResolve);
  Fail(Stage::kConnect, ErrorCode::kTimeout);
  Fail(Stage::kTls, ErrorCode::kTls);
  Fail(Stage::kConnect);
  Fail(Stage::kExchange, ErrorCode::kTimeout);  // reached: counts from 0 again
  for (int n = 0; n < 4; ++n) Fail();
  EXPECT_FALSE(IsOpen());
  Fail(Stage::kTls, ErrorCode::kTls);
  EXPECT_TRUE(IsOpen());
  EXPECT_EQ(host_.Enter().error().code, ErrorCode::kTls);
}

TEST_F(HostStateTest, LearnsNothingFromWhatWeDidOurselves) {
  for (int n = 0; n < 4; ++n) Fail();
  Fail(Stage::kConnect, ErrorCode::kCancelled);
  Fail(Stage::kExchange, ErrorCode::kInvalidInput);
  Fail(Stage::kLocal);
  EXPECT_FALSE(IsOpen());
  Fail();
  EXPECT_TRUE(IsOpen());
}

TEST_F(HostStateTest, LetsOneProbeThroughAfterThePause) {
  Open();
  clock_.Advance(1s);
  auto probe = host_.Enter();
  ASSERT_TRUE(probe.ok());
  EXPECT_FALSE(host_.Enter().ok());
  probe.value().Reached();
  EXPECT_FALSE(IsOpen());
  EXPECT_TRUE(host_.Enter().ok());
}

TEST_F(HostStateTest, LetsTheNextProbeThroughWhereOneEndedWithoutAWord) {
  Open();
  clock_.Advance(1s);
  { const auto probe = host_.Enter(); }
  EXPECT_TRUE(host_.Enter().ok());
}

TEST_F(HostStateTest, PausesLongerAfterEachProbeUpToAMinute) {
  Open();
  std::vector<int> pauses;
  for (int n = 0; n < 12; ++n) {
    pauses.push_back(PauseLength());
    Fail();
  }
  EXPECT_EQ(pauses[0], 1);
  for (std::size_t n = 0; n < pauses.size(); ++n) {
    const int full = std::min(1 << n, 60);
    EXPECT_GE(pauses[n], full / 2) << n;
    EXPECT_LE(pauses[n], full) << n;
  }
  EXPECT_TRUE(IsOpen());
}

TEST_F(HostStateTest, BeginsWithAShortPauseAgainOnceItWasClosed) {
  Open();
  for (int n = 0; n < 6; ++n) {
    PauseLength();
    Fail();
  }
  PauseLength();
  host_.Enter().value().Reached();
  Open();
  EXPECT_EQ(PauseLength(), 1);
}

TEST_F(HostStateTest, IsClosedByARequestThatWasUnderWay) {
  auto early = host_.Enter();
  Open();
  early.value().Reached();
  EXPECT_FALSE(IsOpen());
}

TEST_F(HostStateTest, IsNotHeldOpenByRequestsThatWereUnderWay) {
  auto early = host_.Enter();
  Open();
  clock_.Advance(1s);
  early.value().Failed({ErrorCode::kNetwork, "refused"}, Stage::kConnect);
  EXPECT_TRUE(host_.Enter().ok());
}

TEST_F(HostStateTest, ReportsTheOffsetOfTheHostsClock) {
  const WallTime sent = clock_.Wall();
  clock_.Advance(2s);
  const std::string wall = FormatTimestamp(sent);
  ASSERT_EQ(wall, "2023-11-14T22:13:20Z");
  host_.SawDate("Tue, 14 Nov 2023 22:14:20 GMT", sent);
  host_.SawDate("", sent);
  host_.SawDate("tomorrow", sent);
  host_.SawDate("Sat, 01 Jan 1678 00:00:00 GMT", sent);
  // A minute ahead of sending, which was one second before the middle.
  EXPECT_THAT(observer_.offsets(), ElementsAre("api.example.com 59500"));
}

TEST_F(HostStateTest, IsSharedByThreads) {
  std::vector<std::jthread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([this, n] {
      for (int i = 0; i < 500; ++i) {
        auto pass = host_.Enter();
        if (!pass.ok()) {
          clock_.Advance(1s);
        } else if ((i + n) % 7 == 0) {
          pass.value().Reached();
        } else if ((i + n) % 5 != 0) {
          pass.value().Failed({ErrorCode::kNetwork, "refused"}, Stage::kTls);
        }
      }
    });
  }
  threads.clear();
  PauseLength();
  host_.Enter().value().Reached();
  EXPECT_TRUE(host_.Check().ok());
  EXPECT_FALSE(IsOpen());
}

}  // namespace
}  // namespace serverspace::api
