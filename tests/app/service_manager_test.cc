#include "app/service_manager.h"

#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "app/manager_socket.h"
#include "base/recording_log.h"

namespace serverspace::app {
namespace {

Result<ServiceManager> Find(
    const std::map<std::string, std::string>& variables) {
  RecordingLog log;
  return FindServiceManager(FakeEnvironment(variables), 42, false, log);
}

TEST(ServiceManagerTest, IsNotThereWithoutVariables) {
  const auto found = Find({});
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found.value().notifier.Ready("").ok());
  EXPECT_EQ(found.value().watchdog_timeout, std::nullopt);
  EXPECT_TRUE(found.value().sockets.empty());
}

TEST(ServiceManagerTest, IsFoundByItsVariables) {
  const ManagerSocket socket;
  RecordingLog log;
  const auto found =
      FindServiceManager(FakeEnvironment({{"NOTIFY_SOCKET", socket.address()},
                                          {"WATCHDOG_USEC", "2000000"}}),
                         42, false, log);
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found.value().notifier.FeedWatchdog().ok());
  EXPECT_EQ(socket.Receive(), "WATCHDOG=1");
  EXPECT_EQ(found.value().watchdog_timeout, std::chrono::seconds(2));
}

TEST(ServiceManagerTest, LeavesOutAVariableThatIsWrong) {
  const std::pair<std::map<std::string, std::string>, std::string> rows[] = {
      {{{"NOTIFY_SOCKET", "x"}},
       "NOTIFY_SOCKET is neither a path nor a name after @"},
      {{{"NOTIFY_SOCKET", "vsock:2:1234"}},
       "NOTIFY_SOCKET is neither a path nor a name after @"},
      {{{"LISTEN_PID", "abc"}, {"LISTEN_FDS", "1"}},
       "LISTEN_PID is not a number"},
      {{{"LISTEN_PID", "42"}, {"LISTEN_FDS", "many"}},
       "LISTEN_FDS is not a number from 0 to 64"},
      {{{"WATCHDOG_USEC", "soon"}}, "WATCHDOG_USEC is not a number above 0"},
  };
  for (const auto& [variables, error] : rows) {
    RecordingLog log;
    const auto found =
        FindServiceManager(FakeEnvironment(variables), 42, false, log);
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(found.value().notifier.Ready("").ok());
    EXPECT_TRUE(found.value().sockets.empty());
    EXPECT_EQ(log.Lines(),
              std::vector<std::string>{
                  "warn a variable of the service manager is left out error=" +
                  error});
  }
}

TEST(ServiceManagerTest, IsRefusedWithoutTheSocketsThatAreNeeded) {
  RecordingLog log;
  const FakeEnvironment environment(
      {{"LISTEN_PID", "abc"}, {"LISTEN_FDS", "1"}});
  EXPECT_EQ(FindServiceManager(environment, 42, true, log).error().message,
            "LISTEN_PID is not a number");
  const std::map<std::string, std::string> odd = {{"NOTIFY_SOCKET", "x"}};
  EXPECT_TRUE(FindServiceManager(FakeEnvironment(odd), 42, true, log).ok());
}

TEST(ServiceManagerDeathTest, IsForgotten) {
  const auto forget = [] {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                             "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
      setenv(name, "1", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    setenv("STATE_DIRECTORY", "stays", 1);
    ForgetServiceManager();
    const SystemEnvironment environment;
    const bool gone =
        !environment.Get("NOTIFY_SOCKET") &&
        !environment.Get("WATCHDOG_USEC") && !environment.Get("WATCHDOG_PID") &&
        !environment.Get("LISTEN_PID") && !environment.Get("LISTEN_FDS") &&
        !environment.Get("LISTEN_FDNAMES");
    _exit(gone && environment.Get("STATE_DIRECTORY") ? 42 : 1);
  };
  EXPECT_EXIT(forget(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace serverspace::app
