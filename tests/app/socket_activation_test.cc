#include "app/socket_activation.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <map>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::app {
namespace {

constexpr pid_t kSelf = 42;

Result<std::vector<PassedSocket>> Find(
    std::map<std::string, std::string> variables) {
  return PassedSockets(FakeEnvironment(std::move(variables)), kSelf);
}

TEST(PassedSocketsTest, FindsNoneThatAreNotOurs) {
  for (const auto& variables : std::vector<std::map<std::string, std::string>>{
           {},
           {{"LISTEN_FDS", "1"}},
           {{"LISTEN_PID", "42"}},
           {{"LISTEN_PID", "43"}, {"LISTEN_FDS", "1"}},
           {{"LISTEN_PID", "43"}, {"LISTEN_FDS", "x"}},
           {{"LISTEN_PID", "42"}, {"LISTEN_FDS", "0"}}}) {
    const auto found = Find(variables);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_TRUE(found.value().empty());
  }
}

TEST(PassedSocketsTest, SaysWhatIsWrong) {
  EXPECT_EQ(Find({{"LISTEN_PID", "x"}, {"LISTEN_FDS", "1"}}).error().message,
            "LISTEN_PID is not a number");
  for (const char* count : {"x", "-1", "65", "1 "}) {
    EXPECT_EQ(
        Find({{"LISTEN_PID", "42"}, {"LISTEN_FDS", count}}).error().message,
        "LISTEN_FDS is not a number from 0 to 64")
        << count;
  }
}

// Descriptors from 3 on are those of the test program's own, so a child does
// it.

void Occupy(int descriptor) {
  const int null = open("/dev/null", O_RDWR);
  if (null == descriptor) return;
  dup2(null, descriptor);
  close(null);
}

TEST(PassedSocketsDeathTest, NamesThemAndKeepsThemFromOthers) {
  const auto find = [] {
    Occupy(3);
    Occupy(4);
    Occupy(5);
    const auto found = Find({{"LISTEN_PID", "42"},
                             {"LISTEN_FDS", "3"},
                             {"LISTEN_FDNAMES", "web:other.socket"}});
    const bool right = found.ok() &&
                       found.value() ==
                           std::vector<PassedSocket>{
                               {3, "web"}, {4, "other.socket"}, {5, ""}} &&
                       fcntl(3, F_GETFD) == FD_CLOEXEC &&
                       fcntl(5, F_GETFD) == FD_CLOEXEC;
    _exit(right ? 42 : 1);
  };
  EXPECT_EXIT(find(), testing::ExitedWithCode(42), "");
}

TEST(PassedSocketsDeathTest, RefusesADescriptorThatIsNotOpen) {
  const auto find = [] {
    close(3);
    const auto found = Find({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "1"}});
    _exit(!found.ok() && found.error().message ==
                             "LISTEN_FDS counts descriptor 3, which is not open"
              ? 42
              : 1);
  };
  EXPECT_EXIT(find(), testing::ExitedWithCode(42), "");
}

class BoundAddressTest : public testing::TestWithParam<int> {};

TEST_P(BoundAddressTest, TellsHostAndPort) {
  const int fd = socket(GetParam(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(GetParam());
  std::string host = "0.0.0.0";
  if (GetParam() == AF_INET6) host = "[::]";
  const auto bound =
      bind(fd, reinterpret_cast<sockaddr*>(&address),
           GetParam() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  if (bound != 0 && GetParam() == AF_INET6)
    GTEST_SKIP() << "this machine has no IPv6";
  ASSERT_EQ(bound, 0);
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  // IPv4 and IPv6 have it at the same place.
  const auto port = ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  const auto text = BoundAddress({fd, "web"});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text.value(), host + ":" + std::to_string(port));
  close(fd);
}

INSTANTIATE_TEST_SUITE_P(Families, BoundAddressTest,
                         testing::Values(AF_INET, AF_INET6));

TEST(BoundAddressTest, NamesWhatIsNoTcpSocket) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto local = BoundAddress({fd, "web"});
  ASSERT_FALSE(local.ok());
  EXPECT_EQ(local.error().message,
            "descriptor " + std::to_string(fd) +
                " (web) of the socket unit is no TCP socket");
  close(fd);
  EXPECT_EQ(BoundAddress({-1, ""}).error().message,
            "descriptor -1 of the socket unit is no TCP socket");
}

}  // namespace
}  // namespace serverspace::app
