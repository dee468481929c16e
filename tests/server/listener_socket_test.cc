#include "server/listener_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "server/listener_client.h"
#include "server/listener_unsent.h"

namespace serverspace::server {
namespace {

bool HasIpv6() { return ListeningSocket::Open("[::1]:0").ok(); }

TEST(ListeningSocketTest, OpensWhereItIsTold) {
  const auto socket = ListeningSocket::Open("127.0.0.1:0");
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_FALSE(socket.value().is_ipv6());
  EXPECT_NE(socket.value().port(), 0);
  EXPECT_TRUE(ListenerClient(socket.value().port()).connected());
}

TEST(ListeningSocketTest, ANameIsItsIpv4AddressFirst) {
  const auto socket = ListeningSocket::Open("localhost:0");
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_TRUE(ListenerClient(socket.value().port()).connected());
}

TEST(ListeningSocketTest, WithoutAHostItTakesBothFamilies) {
  const auto socket = ListeningSocket::Open(":0");
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_TRUE(ListenerClient(socket.value().port()).connected());
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(ListenerClient(socket.value().port(), 0, true).connected());
}

TEST(ListeningSocketTest, AnIpv6AddressIsOnlyThat) {
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  const auto socket = ListeningSocket::Open("[::]:0");
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_TRUE(ListenerClient(socket.value().port(), 0, true).connected());
  EXPECT_FALSE(ListenerClient(socket.value().port()).connected());
}

TEST(ListeningSocketTest, ATakenPortIsAClearError) {
  const auto first = ListeningSocket::Open("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const std::string address =
      "127.0.0.1:" + std::to_string(first.value().port());
  const auto second = ListeningSocket::Open(address);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "cannot listen on " + address +
                ": Address already in use (is another instance running?)");
  EXPECT_FALSE(
      ListeningSocket::Open(":" + std::to_string(first.value().port())).ok());
}

TEST(ListeningSocketTest, AcceptedSocketsInheritTheLimits) {
  auto listening = ListeningSocket::Open("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  const ListenerClient client(listening.value().port());
  const int descriptor = listening.value().Release();
  const int accepted = ::accept(descriptor, nullptr, nullptr);
  ASSERT_GE(accepted, 0);
  int no_delay = 0;
  int unsent = 0;
  socklen_t size = sizeof(int);
  ::getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  ::getsockopt(accepted, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &size);
  EXPECT_NE(no_delay, 0);
  EXPECT_EQ(unsent, kMaxUnsentBytes);
  ::close(accepted);
  ::close(descriptor);
}

TEST(ListeningSocketTest, AdoptsOnlyAListeningSocket) {
  auto opened = ListeningSocket::Open("127.0.0.1:0");
  ASSERT_TRUE(opened.ok());
  const auto adopted = ListeningSocket::Adopt(opened.value().Release());
  ASSERT_TRUE(adopted.ok());
  EXPECT_EQ(adopted.value().port(), opened.value().port());

  const int plain = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_FALSE(ListeningSocket::Adopt(plain).ok());
  EXPECT_EQ(::close(plain), 0);
  EXPECT_FALSE(ListeningSocket::Adopt(-1).ok());
}

}  // namespace
}  // namespace serverspace::server
