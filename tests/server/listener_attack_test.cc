// What peers do that mean harm, or hang: see ListenerOptions for the limits.

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "server/listener.h"
#include "server/listener_client.h"
#include "server/listener_fixture.h"
#include "server/listener_unsent.h"

namespace serverspace::server {
namespace {

using std::chrono::seconds;

std::size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Sanitizers keep what was freed.
void ExpectLittleGrowth([[maybe_unused]] std::size_t before,
                        [[maybe_unused]] std::size_t most_mib = 24) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(ResidentBytes(), before + most_mib * 1024 * 1024);
#endif
}

// Allows the process `count` descriptors while it lives, if the system does.
class ManyDescriptors {
 public:
  explicit ManyDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit raised = before_;
    raised.rlim_cur = std::max(before_.rlim_cur, count);
    enough_ = raised.rlim_cur <= raised.rlim_max &&
              ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
  }
  ManyDescriptors(const ManyDescriptors&) = delete;
  ManyDescriptors& operator=(const ManyDescriptors&) = delete;
  ~ManyDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  bool enough() const { return enough_; }

 private:
  rlimit before_{};
  bool enough_ = false;
};

/// Each attack on plain HTTP and on TLS.
class ListenerAttackTest : public ListenerFixture,
                           public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) UseTls();
  }
};

TEST_P(ListenerAttackTest, AHeadMustCome) {
  Start();
  ListenerClient silent(port());
  ListenerClient trickling = Connect();
  ASSERT_TRUE(trickling.Send("GET / HTTP/1.1\r\nA: "));
  AwaitConnections(2);
  // Once another is served, the handshake of the one before is done.
  ExpectServed();
  clock_.Advance(seconds(3));
  ASSERT_TRUE(trickling.Send("aa"));
  ExpectServed();
  clock_.Advance(seconds(2));
  EXPECT_TRUE(silent.AtEnd());
  trickling.AtEnd();
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kSlowRequest), 2U);
}

TEST_P(ListenerAttackTest, TheSecondHeadMustComeToo) {
  Start();
  ListenerClient client = Connect();
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

TEST_P(ListenerAttackTest, IdleConnectionsEndAfterTheirTimeWithoutReproach) {
  Start();
  ListenerClient client = Connect();
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

TEST_P(ListenerAttackTest, ABodyMustCome) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Send(
      "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"));
  AwaitRequests(1);
  ExpectServed();
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kSlowRequest, 1);
  EXPECT_FALSE(client.Read());
}

TEST_P(ListenerAttackTest, AnAnswerThatIsNotReadEnds) {
  Start();
  ListenerClient client = Connect(4096);
  ASSERT_TRUE(client.Get("/big"));
  ASSERT_FALSE(client.ReadSome(1).empty());
  // Many others are served meanwhile: by then the big one cannot go on.
  for (int i = 0; i < 20; ++i) ExpectServed();
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kNotReading, 1);
  AwaitConnections(0);
  EXPECT_FALSE(client.AtEnd());
}

TEST_P(ListenerAttackTest, AnAnswerThatIsReadTooSlowlyEndsAsAWhole) {
  options_.write_timeout = std::chrono::hours(1);
  options_.min_write_bytes_per_second = 1024 * 1024;
  Start();
  ListenerClient client = Connect(4096);
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

TEST_P(ListenerAttackTest, AtTheCapTheLongestIdleGoes) {
  options_.max_connections = 3;
  Start();
  std::deque<ListenerClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(Connect());
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

TEST_P(ListenerAttackTest, AFloodOfConnectionsLeavesRoomForAGoodOne) {
  options_.max_connections = 50;
  Start();
  std::deque<ListenerClient> flood;
  for (int i = 0; i < 400; ++i) {
    flood.push_back(Connect());
    if (i % 2 == 0) flood.back().Send("GET / HTTP/1.1\r\nX: ");
    if (i % 50 == 0) ExpectServed();
  }
  ExpectServed();
  AwaitRejected(RejectReason::kConnectionLimit, 350);
  Await([&] { return listener_->stats().connections <= 50; });
}

TEST_P(ListenerAttackTest, BadPeersOfEveryKindLeaveScrapesAlone) {
  Start();
  std::deque<ListenerClient> peers;
  for (int i = 0; i < 200; ++i) {
    peers.push_back(Connect(4096));
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
  ListenerClient good = Connect();
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

/// What the kernel holds unsent for the peers of a listener of this process.
std::size_t UnsentBytes(std::uint16_t port) {
  std::size_t sum = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    int unsent = 0;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own),
                      &own_size) == 0 &&
        own.sin_family == AF_INET && ntohs(own.sin_port) == port &&
        ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer),
                      &peer_size) == 0 &&
        ::ioctl(descriptor, SIOCOUTQNSD, &unsent) == 0) {
      sum += static_cast<std::size_t>(unsent);
    }
  }
  return sum;
}

TEST_P(ListenerAttackTest, TheKernelHoldsLittleForPeersThatDoNotRead) {
  constexpr std::size_t kPeers = 60;
  constexpr std::size_t kMiB = 1024 * 1024;
  Start();
  std::vector<ListenerClient> peers;
  for (std::size_t i = 0; i < kPeers; ++i) {
    peers.push_back(Connect(4096));
    ASSERT_TRUE(peers.back().Get("/big"));
  }
  Await([&] { return UnsentBytes(port()) > 16 * kMiB; });
  for (int i = 0; i < 20; ++i) ExpectServed();
  // Beyond its limit a socket takes the packet at hand, too.
  constexpr std::size_t kPacketBytes = 256 * 1024;
  constexpr std::size_t kRooms = kMostUnsentRooms;
  constexpr std::size_t kMost =
      kRooms * (kMaxUnsentBytesOfFew + kPacketBytes) +
      (kPeers - kRooms) * (kMaxUnsentBytes + kPacketBytes);
  EXPECT_LT(UnsentBytes(port()), kMost);
}

TEST_P(ListenerAttackTest, AnEndlessHeaderIsCutSoon) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\nX: "));
  const std::string part(16 * 1024, 'x');
  std::size_t sent = 0;
  while (sent < 256 * 1024 * 1024UL && client.Send(part)) sent += part.size();
  // What the buffers of both kernels hold is beyond our say.
  EXPECT_LT(sent, 32 * 1024 * 1024UL);
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kHeadTooLarge), 1U);
}

TEST_P(ListenerAttackTest, AChunkedFloodIsCutSoon) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Send(
      "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const std::string part = "4000\r\n" + std::string(16 * 1024, 'x') + "\r\n";
  std::size_t sent = 0;
  while (sent < 256 * 1024 * 1024UL && client.Send(part)) sent += part.size();
  EXPECT_LT(sent, 32 * 1024 * 1024UL);
  AwaitConnections(0);
}

TEST_P(ListenerAttackTest, AnErrorAnswerArrivesThoughMoreWasSent) {
  Start();
  for (int i = 0; i < 50; ++i) {
    ListenerClient client = Connect();
    ASSERT_TRUE(
        client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 30000\r\n\r\n" +
                    std::string(30'000, 'x')));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->status, 413);
  }
}

TEST_P(ListenerAttackTest, WhoDoesNotEndAfterAnErrorIsEnded) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Send("nonsense\r\n\r\n"));
  ASSERT_TRUE(client.Read());
  // Once another is served, the second that it has for leaving runs.
  ExpectServed();
  clock_.Advance(seconds(1));
  AwaitConnections(0);
}

TEST_P(ListenerAttackTest, WhatIsAmbiguousIsRefused) {
  Start();
  const std::string host = "Host: a\r\n";
  const std::string get = "GET /hello HTTP/1.1\r\n";
  const std::string post = "POST /post HTTP/1.1\r\n" + host;
  const std::string long_path(9000, 'x');
  const struct {
    std::string request;
    int status;
  } kCases[] = {
      {post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {post + "Transfer-Encoding: gzip\r\n\r\n", 411},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {post + "Content-Length: -1\r\n\r\n", 400},
      {post + "Content-Length: 1000\r\n\r\n", 413},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {get + "\r\n", 400},
      {get + host + host + "\r\n", 400},
      {get + "Host: a b\r\n\r\n", 400},
      {get + "Host: user@a\r\n\r\n", 400},
      {"GET  /hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET ftp://a/hello HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /" + long_path + " HTTP/1.1\r\n" + host + "\r\n", 414},
      {"GET /" + long_path + long_path + " HTTP/1.1\r\n", 431},
      {"GET /hel%2flo HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /hello HTTP/2.0\r\n" + host + "\r\n", 505},
      {"CONNECT a:80 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"DELETE /hello HTTP/1.1\r\n" + host + "\r\n", 405},
      {get + host + "A: b\r\n c\r\nno colon\r\n\r\n", 400},
      {get + host + "Expect: wonders\r\n\r\n", 417},
      {"GET http://a.example.com/hello HTTP/1.1\r\n" + host + "\r\n", 200},
  };
  for (const auto& [request, status] : kCases) {
    ListenerClient client = Connect();
    ASSERT_TRUE(client.Send(request));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << request;
    EXPECT_EQ(answer->status, status) << request.substr(0, 80);
  }
  ExpectServed();
}

TEST_P(ListenerAttackTest, ABodyWithoutALengthIsNoBody) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(
      client.Send("POST /post HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
  auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "\n");
  answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_P(ListenerAttackTest, AHundredThousandHeadersAreTooMany) {
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n"));
  std::string headers;
  for (int i = 0; i < 1000; ++i) headers += "a: b\r\n";
  const std::size_t before = ResidentBytes();
  for (int i = 0; i < 100 && client.Send(headers); ++i) {
  }
  AwaitRejected(RejectReason::kHeadTooLarge, 1);
  ExpectServed();
  ExpectLittleGrowth(before);
}

TEST_P(ListenerAttackTest, WhoPipelinesWithoutReadingIsHeldBack) {
  Start();
  ListenerClient client = Connect(4096);
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::size_t before = ResidentBytes();
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 50; ++i) ExpectServed();
  EXPECT_LT(listener_->stats().requests, 60U);
  ExpectLittleGrowth(before);
  clock_.Advance(seconds(11));
  AwaitRejected(RejectReason::kNotReading, 1);
}

TEST_P(ListenerAttackTest, TwoThousandIdleConnectionsLeaveRoomForAGoodOne) {
  constexpr std::size_t kIdle = 2000;
  const ManyDescriptors many(2 * kIdle + 500);
  // Only root could raise it, and a listener with fewer takes fewer.
  if (!many.enough()) GTEST_SKIP() << "the hard limit is too low";
  options_.max_connections = kIdle + 100;
  Start();
  const std::size_t before = ResidentBytes();
  std::deque<ListenerClient> idle;
  for (std::size_t i = 0; i < kIdle; ++i) {
    // Half of them before a first byte, half between two requests.
    if (i % 2 == 0) {
      idle.emplace_back(port());
    } else {
      idle.push_back(Connect());
      ASSERT_TRUE(idle.back().Get("/hello"));
      ASSERT_TRUE(idle.back().Read());
    }
  }
  AwaitConnections(kIdle);
  ListenerClient good = Connect();
  for (int scrape = 0; scrape < 10; ++scrape) {
    ASSERT_TRUE(good.Get("/big"));
    const auto answer = good.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), big_->Text().size());
    ExpectServed();
  }
  // Of both ends, so of TLS some 60 KiB for each pair.
  ExpectLittleGrowth(before, 200);
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

TEST_P(ListenerAttackTest, WithoutDescriptorsOldConnectionsMakeRoom) {
  Start();
  std::deque<ListenerClient> idle;
  for (int i = 0; i < 10; ++i) {
    idle.push_back(Connect());
    ASSERT_TRUE(idle.back().Get("/hello"));
    ASSERT_TRUE(idle.back().Read());
  }
  const std::uint16_t own_port = port();
  SSL_CTX* const tls = client_context_.get();
  std::optional<Answer> answer;
  {
    // The client takes the last one, so the listener has none to accept with.
    // (No call of this object here: the sanitizer's check of it would want a
    // descriptor too.)
    const FewDescriptors few(1);
    ListenerClient client(own_port);
    if ((tls == nullptr || client.StartTls(tls)) && client.Get("/hello"))
      answer = client.Read();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_GE(listener_->stats().Rejected(RejectReason::kDescriptorLimit), 8U);
}

TEST_P(ListenerAttackTest, TheCapRespectsTheDescriptorLimit) {
  {
    const FewDescriptors few(70);
    Start();
  }
  // Of some 80 descriptors it takes half at most, as 64 are not to spare.
  std::deque<ListenerClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(Connect());
  AwaitRejected(RejectReason::kConnectionLimit, 30);
  ExpectServed();
}

INSTANTIATE_TEST_SUITE_P(Over, ListenerAttackTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& over) {
                           return over.param ? "Tls" : "PlainHttp";
                         });

}  // namespace
}  // namespace serverspace::server
