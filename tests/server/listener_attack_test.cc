// What peers do that mean harm, or hang: see ListenerOptions for the limits.

#include <chrono>
#include <deque>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "server/listener.h"
#include "server/listener_client.h"
#include "server/listener_fixture.h"

namespace serverspace::server {
namespace {

using std::chrono::seconds;

class ListenerAttackTest : public ListenerFixture {
 protected:
  void ExpectServed() const {
    ListenerClient client(port());
    ASSERT_TRUE(client.Get("/hello"));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }
};

TEST_F(ListenerAttackTest, AHeadMustCome) {
  Start();
  ListenerClient silent(port());
  ListenerClient trickling(port());
  ASSERT_TRUE(trickling.Send("GET / HTTP/1.1\r\nA: "));
  AwaitConnections(2);
  clock_.Advance(seconds(3));
  ASSERT_TRUE(trickling.Send("aa"));
  ExpectServed();
  clock_.Advance(seconds(2));
  EXPECT_TRUE(silent.AtEnd());
  trickling.AtEnd();
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kSlowRequest), 2U);
}

TEST_F(ListenerAttackTest, TheSecondHeadMustComeToo) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/hello"));
  ASSERT_TRUE(client.Read());
  clock_.Advance(seconds(100));
  ASSERT_TRUE(client.Get("/hello"));
  ASSERT_TRUE(client.Read());
  clock_.Advance(seconds(100));
  // With the first byte its five seconds begin; the request that went before in
  // the same write makes sure that the byte has been seen.
  ASSERT_TRUE(client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nG"));
  ASSERT_TRUE(client.Read());
  ExpectServed();
  clock_.Advance(seconds(6));
  AwaitRejected(RejectReason::kSlowRequest, 1);
  AwaitConnections(0);
}

TEST_F(ListenerAttackTest, IdleConnectionsEndAfterTheirTimeWithoutReproach) {
  Start();
  ListenerClient client(port());
  for (int scrape = 0; scrape < 3; ++scrape) {
    ASSERT_TRUE(client.Get("/hello"));
    ASSERT_TRUE(client.Read());
    ExpectServed();
    clock_.Advance(seconds(300));
  }
  clock_.Advance(seconds(31));
  EXPECT_TRUE(client.AtEnd());
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kSlowRequest), 0U);
}

TEST_F(ListenerAttackTest, ABodyMustCome) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Send(
      "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"));
  AwaitRequests(1);
  ExpectServed();
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kSlowRequest, 1);
  EXPECT_FALSE(client.Read());
}

TEST_F(ListenerAttackTest, AnAnswerThatIsNotReadEnds) {
  Start();
  ListenerClient client(port(), 4096);
  ASSERT_TRUE(client.Get("/big"));
  ASSERT_FALSE(client.ReadSome(1).empty());
  // Many others are served meanwhile: by then the big one cannot go on.
  for (int i = 0; i < 20; ++i) ExpectServed();
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kNotReading, 1);
  AwaitConnections(0);
  EXPECT_FALSE(client.AtEnd());
}

TEST_F(ListenerAttackTest, AnAnswerThatIsReadTooSlowlyEndsAsAWhole) {
  options_.write_timeout = std::chrono::hours(1);
  options_.min_write_bytes_per_second = 1024 * 1024;
  Start();
  ListenerClient client(port(), 4096);
  ASSERT_TRUE(client.Get("/big"));
  for (std::size_t got = 0; got < 1024 * 1024;) {
    const std::string text = client.ReadSome(4096);
    ASSERT_FALSE(text.empty());
    got += text.size();
  }
  for (int i = 0; i < 20; ++i) ExpectServed();
  // A minute, and a second for each of its 8 MiB.
  clock_.Advance(seconds(70));
  AwaitRejected(RejectReason::kNotReading, 1);
  AwaitConnections(0);
  EXPECT_FALSE(client.AtEnd());
}

TEST_F(ListenerAttackTest, AtTheCapTheLongestIdleGoes) {
  options_.max_connections = 3;
  Start();
  std::deque<ListenerClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(port());
    ASSERT_TRUE(clients.back().Get("/hello"));
    ASSERT_TRUE(clients.back().Read());
  }
  ASSERT_TRUE(clients[0].Get("/hello"));
  ASSERT_TRUE(clients[0].Read());
  ExpectServed();
  EXPECT_TRUE(clients[1].AtEnd());
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kConnectionLimit), 1U);
  for (const int i : {0, 2}) {
    ASSERT_TRUE(clients[static_cast<std::size_t>(i)].Get("/hello"));
    EXPECT_TRUE(clients[static_cast<std::size_t>(i)].Read()) << i;
  }
}

TEST_F(ListenerAttackTest, AFloodOfConnectionsLeavesRoomForAGoodOne) {
  options_.max_connections = 50;
  Start();
  std::deque<ListenerClient> flood;
  for (int i = 0; i < 400; ++i) {
    flood.emplace_back(port());
    if (i % 2 == 0) flood.back().Send("GET / HTTP/1.1\r\nX: ");
    if (i % 50 == 0) ExpectServed();
  }
  ExpectServed();
  AwaitRejected(RejectReason::kConnectionLimit, 350);
  Await([&] { return listener_->stats().connections <= 50; });
}

TEST_F(ListenerAttackTest, BadPeersOfEveryKindLeaveScrapesAlone) {
  Start();
  std::deque<ListenerClient> peers;
  for (int i = 0; i < 200; ++i) {
    peers.emplace_back(port(), 4096);
    switch (i % 4) {
      case 0:
        break;
      case 1:
        ASSERT_TRUE(peers.back().Send("GET / HTT"));
        break;
      case 2:
        ASSERT_TRUE(peers.back().Get("/big"));
        break;
      default:
        ASSERT_TRUE(peers.back().Get("/hello"));
        ASSERT_TRUE(peers.back().Read());
        break;
    }
  }
  AwaitConnections(200);
  ListenerClient good(port());
  for (int scrape = 0; scrape < 20; ++scrape) {
    ASSERT_TRUE(good.Get("/big"));
    const auto answer = good.Read();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == big_->Text());
    for (std::size_t i = 1; i < peers.size(); i += 4) peers[i].Send("P");
    ExpectServed();
  }
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kNotReading, 50);
  AwaitRejected(RejectReason::kSlowRequest, 100);
}

TEST_F(ListenerAttackTest, AnEndlessHeaderIsCutSoon) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\nX: "));
  const std::string part(16 * 1024, 'x');
  std::size_t sent = 0;
  while (sent < 256 * 1024 * 1024UL && client.Send(part)) sent += part.size();
  // What the buffers of both kernels hold is beyond our say.
  EXPECT_LT(sent, 32 * 1024 * 1024UL);
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kHeadTooLarge), 1U);
}

TEST_F(ListenerAttackTest, AChunkedFloodIsCutSoon) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Send(
      "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const std::string part = "4000\r\n" + std::string(16 * 1024, 'x') + "\r\n";
  std::size_t sent = 0;
  while (sent < 256 * 1024 * 1024UL && client.Send(part)) sent += part.size();
  EXPECT_LT(sent, 32 * 1024 * 1024UL);
  AwaitConnections(0);
}

TEST_F(ListenerAttackTest, AnErrorAnswerArrivesThoughMoreWasSent) {
  Start();
  for (int i = 0; i < 50; ++i) {
    ListenerClient client(port());
    ASSERT_TRUE(
        client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 30000\r\n\r\n" +
                    std::string(30'000, 'x')));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->status, 413);
  }
}

TEST_F(ListenerAttackTest, WhoDoesNotEndAfterAnErrorIsEnded) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Send("nonsense\r\n\r\n"));
  ASSERT_TRUE(client.Read());
  // Once another is served, the second that it has for leaving runs.
  ExpectServed();
  clock_.Advance(seconds(1));
  AwaitConnections(0);
}

// Leaves the process `count` free descriptors while it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int highest = ::dup(0);
    rlimit lowered = before_;
    lowered.rlim_cur = static_cast<rlim_t>(highest) + count;
    ::close(highest);
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ListenerAttackTest, WithoutDescriptorsOldConnectionsMakeRoom) {
  Start();
  std::deque<ListenerClient> idle;
  for (int i = 0; i < 10; ++i) {
    idle.emplace_back(port());
    ASSERT_TRUE(idle.back().Get("/hello"));
    ASSERT_TRUE(idle.back().Read());
  }
  const std::uint16_t own_port = port();
  std::optional<Answer> answer;
  {
    // The client takes the last one, so the listener has none to accept with.
    // (No call of this object here: the sanitizer's check of it would want a
    // descriptor too.)
    const FewDescriptors few(1);
    ListenerClient client(own_port);
    if (client.Get("/hello")) answer = client.Read();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_GE(listener_->stats().Rejected(RejectReason::kDescriptorLimit), 8U);
}

TEST_F(ListenerAttackTest, TheCapRespectsTheDescriptorLimit) {
  {
    const FewDescriptors few(70);
    Start();
  }
  // Of some 80 descriptors it takes half at most, as 64 are not to spare.
  std::deque<ListenerClient> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(port());
  AwaitRejected(RejectReason::kConnectionLimit, 30);
  ExpectServed();
}

}  // namespace
}  // namespace serverspace::server
