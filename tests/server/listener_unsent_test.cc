#include "server/listener_unsent.h"

#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

class UnsentRoomTest : public testing::Test {
 protected:
  UnsentRoomTest() { LimitUnsent(socket_, kMaxUnsentBytes); }
  ~UnsentRoomTest() override { ::close(socket_); }

  int Limit() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    ::getsockopt(socket_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, &size);
    return bytes;
  }

  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  UnsentRoomCount taken_{0};
};

TEST_F(UnsentRoomTest, RaisesTheLimitOnce) {
  UnsentRoom room(taken_);
  EXPECT_EQ(Limit(), kMaxUnsentBytes);
  EXPECT_TRUE(room.Take(socket_));
  EXPECT_EQ(Limit(), kMaxUnsentBytesOfFew);
  EXPECT_FALSE(room.Take(socket_));
}

TEST_F(UnsentRoomTest, IsForTheFirstOnly) {
  std::vector<std::unique_ptr<UnsentRoom>> first;
  for (int i = 0; i < kMostUnsentRooms; ++i) {
    first.push_back(std::make_unique<UnsentRoom>(taken_));
    EXPECT_TRUE(first.back()->Take(socket_));
  }
  LimitUnsent(socket_, kMaxUnsentBytes);
  UnsentRoom late(taken_);
  EXPECT_FALSE(late.Take(socket_));
  EXPECT_EQ(Limit(), kMaxUnsentBytes);
  first.pop_back();
  EXPECT_TRUE(late.Take(socket_));
  EXPECT_EQ(Limit(), kMaxUnsentBytesOfFew);
}

}  // namespace
}  // namespace serverspace::server
