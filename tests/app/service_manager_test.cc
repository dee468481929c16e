#include "app/service_manager.h"

#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/manager_socket.h"

namespace serverspace::app {
namespace {

Result<ServiceManager> Find(
    const std::map<std::string, std::string>& variables) {
  return FindServiceManager(FakeEnvironment(variables), 42);
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
  const auto found =
      FindServiceManager(FakeEnvironment({{"NOTIFY_SOCKET", socket.address()},
                                          {"WATCHDOG_USEC", "2000000"}}),
                         42);
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found.value().notifier.FeedWatchdog().ok());
  EXPECT_EQ(socket.Receive(), "WATCHDOG=1");
  EXPECT_EQ(found.value().watchdog_timeout, std::chrono::seconds(2));
}

TEST(ServiceManagerTest, IsRefusedWithAVariableThatIsWrong) {
  EXPECT_EQ(Find({{"NOTIFY_SOCKET", "x"}}).error().message,
            "NOTIFY_SOCKET is neither a path nor a name after @");
  EXPECT_FALSE(Find({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "many"}}).ok());
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
