#include "app/notify.h"

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/manager_socket.h"

namespace serverspace::app {
namespace {

class NotifierTest : public testing::TestWithParam<ManagerSocket::Kind> {};

TEST_P(NotifierTest, SpeaksAsTheManagerExpects) {
  const ManagerSocket manager(GetParam());
  const auto opened = Notifier::Open(manager.address());
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const Notifier& notifier = opened.value();
  EXPECT_TRUE(notifier.Ready("watching 2 projects").ok());
  EXPECT_EQ(manager.Receive(), "READY=1\nSTATUS=watching 2 projects");
  EXPECT_TRUE(notifier.Reloading(MonoTime(std::chrono::milliseconds(5))).ok());
  EXPECT_EQ(manager.Receive(),
            "RELOADING=1\nMONOTONIC_USEC=5000\n"
            "STATUS=loading the configuration again");
  EXPECT_TRUE(notifier.Status("one\nline\x01").ok());
  EXPECT_EQ(manager.Receive(), "STATUS=one line ");
  EXPECT_TRUE(notifier.FeedWatchdog().ok());
  EXPECT_EQ(manager.Receive(), "WATCHDOG=1");
  EXPECT_TRUE(notifier.Stopping().ok());
  EXPECT_EQ(manager.Receive(), "STOPPING=1\nSTATUS=stopping");
}

INSTANTIATE_TEST_SUITE_P(Addresses, NotifierTest,
                         testing::Values(ManagerSocket::Kind::kPath,
                                         ManagerSocket::Kind::kAbstract));

TEST(NotifierTest, TellsNobodyWithoutAnAddress) {
  EXPECT_TRUE(Notifier().Ready("").ok());
  const auto opened = Notifier::Open("");
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(opened.value().Stopping().ok());
}

TEST(NotifierTest, RefusesWhatIsNoAddress) {
  for (const std::string& address :
       {std::string("vsock:2:1"), std::string("run/notify"),
        "/" + std::string(200, 'a')}) {
    const auto opened = Notifier::Open(address);
    ASSERT_FALSE(opened.ok()) << address;
    EXPECT_TRUE(opened.error().message.starts_with("NOTIFY_SOCKET is "));
  }
}

TEST(NotifierTest, SaysThatNobodyListens) {
  const auto opened = Notifier::Open("/nowhere/notify");
  ASSERT_TRUE(opened.ok());
  const auto told = opened.value().Ready("");
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().message,
            "NOTIFY_SOCKET cannot be told: No such file or directory");
}

TEST(NotifierTest, IsHeldUpByNobodyForLong) {
  const ManagerSocket manager(ManagerSocket::Kind::kAbstract);
  const auto opened = Notifier::Open(manager.address());
  ASSERT_TRUE(opened.ok());
  // The manager reads nothing, so that its queue fills; the last one waits.
  bool refused = false;
  for (int i = 0; i < 100'000 && !refused; ++i)
    refused = !opened.value().FeedWatchdog().ok();
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace serverspace::app
