#include "app/watchdog.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/manager_socket.h"
#include "base/recording_log.h"

namespace serverspace::app {
namespace {

using namespace std::chrono_literals;

constexpr pid_t kSelf = 42;

TEST(WatchdogTimeoutTest, ReadsWhatTheManagerSays) {
  struct Case {
    std::map<std::string, std::string> variables;
    std::optional<Duration> expected;
  };
  for (const auto& [variables, expected] : std::vector<Case>{
           {{}, std::nullopt},
           {{{"WATCHDOG_USEC", "60000000"}}, 60s},
           {{{"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "42"}}, 1us},
           {{{"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "43"}}, std::nullopt},
           {{{"WATCHDOG_PID", "42"}}, std::nullopt},
           {{{"WATCHDOG_USEC", ""}}, std::nullopt},
           // "infinity", which is no watchdog.
           {{{"WATCHDOG_USEC", "18446744073709551615"}}, std::nullopt}}) {
    const auto timeout = WatchdogTimeout(FakeEnvironment(variables), kSelf);
    ASSERT_TRUE(timeout.ok()) << testing::PrintToString(variables);
    EXPECT_EQ(timeout.value(), expected) << testing::PrintToString(variables);
  }
}

TEST(WatchdogTimeoutTest, NamesTheVariableThatMakesNoSense) {
  struct Case {
    std::map<std::string, std::string> variables;
    std::string message;
  };
  const std::string usec = "WATCHDOG_USEC is not a number above 0";
  for (const auto& [variables, message] :
       std::vector<Case>{{{{"WATCHDOG_USEC", "0"}}, usec},
                         {{{"WATCHDOG_USEC", "-5"}}, usec},
                         {{{"WATCHDOG_USEC", "5s"}}, usec},
                         {{{"WATCHDOG_USEC", "18446744073709551616"}}, usec},
                         {{{"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "x"}},
                          "WATCHDOG_PID is not a number"}}) {
    const auto timeout = WatchdogTimeout(FakeEnvironment(variables), kSelf);
    ASSERT_FALSE(timeout.ok()) << testing::PrintToString(variables);
    EXPECT_EQ(timeout.error().message, message);
  }
}

class WatchdogTest : public testing::Test {
 protected:
  ManagerSocket manager_;
  Notifier notifier_ = Notifier::Open(manager_.address()).value();
  RecordingLog log_;
  bool advances_ = true;
};

TEST_F(WatchdogTest, TakesNoTurnsThatNobodyWants) {
  Watchdog watchdog(
      std::nullopt, notifier_, [this] { return advances_; }, log_);
  EXPECT_EQ(watchdog.pause(), std::nullopt);
  watchdog.Turn();
  advances_ = false;
  watchdog.Turn();
  EXPECT_TRUE(notifier_.Status("first").ok());
  EXPECT_EQ(manager_.Receive(), "STATUS=first");
  EXPECT_TRUE(log_.Lines("error").empty());
}

TEST_F(WatchdogTest, IsFedOnlyWhileTheWorkGoesOn) {
  Watchdog watchdog(
      1min, notifier_, [this] { return advances_; }, log_);
  EXPECT_EQ(watchdog.pause(), 30s);
  watchdog.Turn();
  EXPECT_EQ(manager_.Receive(), "WATCHDOG=1");
  advances_ = false;
  watchdog.Turn();
  watchdog.Turn();
  EXPECT_EQ(manager_.Receive(), "STATUS=polling hangs");
  EXPECT_EQ(log_.Lines("error polling hangs").size(), 1U);
  advances_ = true;
  watchdog.Turn();
  EXPECT_EQ(manager_.Receive(), "WATCHDOG=1");
}

}  // namespace
}  // namespace serverspace::app
