#include <functional>
#include <future>
#include <netinet/in.h>
#include <ostream>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include "http/httplib_transport.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

/// Where the server hangs, and what the client makes of it.
struct HangCase {
  const char* name;
  Stage stage;
  /// Ends in Hang() or Drip().
  std::function<void(TestSession&, SSL_CTX*)> script;
};

void AskedFor(TestSession& session, SSL_CTX* context) {
  session.Handshake(context);
  session.ReadRequest();
}

void PrintTo(const HangCase& hang, std::ostream* out) { *out << hang.name; }

const HangCase kHangCases[] = {
    {"BeforeTheHandshake", Stage::kTls,
     [](TestSession& session, SSL_CTX*) {
       session.AwaitData();
       session.Hang();
     }},
    {"InTheHandshake", Stage::kTls,
     [](TestSession& session, SSL_CTX*) {
       session.AwaitData();
       session.Write("\x16\x03\x03\x40");
       session.Hang();
     }},
    {"BeforeTheHead", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Hang();
     }},
    {"InTheHead", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\nCont");
       session.Hang();
     }},
    {"InTheBody", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
       session.Hang();
     }},
    {"InAChunk", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8");
       session.Hang();
     }},
    {"DrippingTheHead", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\n");
       session.Drip("a");
     }},
    {"DrippingTheBody", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
       session.Drip("a");
     }},
    {"DrippingChunks", Stage::kExchange,
     [](TestSession& session, SSL_CTX* context) {
       AskedFor(session, context);
       session.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
       session.Drip("1\r\na\r\n");
     }},
};

class HttplibTransportLimitsTest
    : public TransportFixture,
      public testing::WithParamInterface<HangCase> {
 protected:
  // The transport adds next to nothing; the rest is for machines under load.
  static constexpr Duration kGrace = std::chrono::seconds(2);

  TestServer::Script Hanging() {
    return [context = Context()](TestSession& session) {
      GetParam().script(session, context.get());
    };
  }
};

TEST_P(HttplibTransportLimitsTest, EndsAtTheDeadline) {
  TestServer server(Hanging());
  const auto transport = Make();
  constexpr Duration kTime = std::chrono::milliseconds(150);
  const MonoTime start = clock_.Mono();
  ExpectFailure(Get(*transport, server.port(), kTime), ErrorCode::kTimeout,
                GetParam().stage, "timed out");
  EXPECT_GE(clock_.Mono() - start, kTime);
  EXPECT_LT(clock_.Mono() - start, kTime + kGrace);
}

TEST_P(HttplibTransportLimitsTest, EndsAtAStop) {
  TestServer server(Hanging());
  const auto transport = Make();
  std::stop_source stop;
  auto response = std::async(std::launch::async, [&] {
    return Get(*transport, server.port(), kLong, stop.get_token());
  });
  server.AwaitHang();
  const MonoTime start = clock_.Mono();
  stop.request_stop();
  ExpectFailure(response.get(), ErrorCode::kCancelled, GetParam().stage,
                "cancelled");
  EXPECT_LT(clock_.Mono() - start, kGrace);
}

INSTANTIATE_TEST_SUITE_P(Server, HttplibTransportLimitsTest,
                         testing::ValuesIn(kHangCases),
                         [](const testing::TestParamInfo<HangCase>& hang) {
                           return hang.param.name;
                         });

/// A port whose queue of connections is full, so that the kernel answers no
/// more.
class FullPort {
 public:
  FullPort() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(listen(listener_.get(), 0), 0);
    EXPECT_EQ(getsockname(listener_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; i < 4; ++i) {
      fillers_.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      (void)connect(fillers_.back().get(), generic, size);
    }
  }

  std::uint16_t port() const { return port_; }

 private:
  UniqueFd listener_;
  std::vector<UniqueFd> fillers_;
  std::uint16_t port_ = 0;
};

class HttplibTransportConnectTest : public TransportFixture {};

TEST_F(HttplibTransportConnectTest, GivesUpAfterTheConnectTimeout) {
  const FullPort full;
  const auto transport =
      Make({.connect_timeout = std::chrono::milliseconds(100)});
  const MonoTime start = clock_.Mono();
  ExpectFailure(Get(*transport, full.port()), ErrorCode::kTimeout,
                Stage::kConnect, "timed out");
  EXPECT_LT(clock_.Mono() - start, std::chrono::seconds(2));
}

TEST_F(HttplibTransportConnectTest, EndsAtTheDeadline) {
  const FullPort full;
  const auto transport = Make({.connect_timeout = kLong});
  const MonoTime start = clock_.Mono();
  ExpectFailure(Get(*transport, full.port(), std::chrono::milliseconds(100)),
                ErrorCode::kTimeout, Stage::kConnect, "timed out");
  EXPECT_LT(clock_.Mono() - start, std::chrono::seconds(2));
}

TEST_F(HttplibTransportConnectTest, EndsAtAStop) {
  const FullPort full;
  const auto transport = Make({.connect_timeout = kLong});
  std::stop_source stop;
  auto response = std::async(std::launch::async, [&] {
    return Get(*transport, full.port(), kLong, stop.get_token());
  });
  // The stop may come before the connect or within: both end at once.
  resolver_->AwaitCalls(1);
  const MonoTime start = clock_.Mono();
  stop.request_stop();
  const auto result = response.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().error.code, ErrorCode::kCancelled);
  EXPECT_LT(clock_.Mono() - start, std::chrono::seconds(2));
}

TEST_F(HttplibTransportConnectTest, EndsAtTheDeadlineWhileTheResolverHangs) {
  resolver_->SetHanging(true);
  const auto transport = Make();
  ExpectFailure(Get(*transport, 443, std::chrono::milliseconds(100)),
                ErrorCode::kTimeout, Stage::kResolve, "timed out");
}

TEST_F(HttplibTransportConnectTest,
       GoesOnWithOldAddressesWhileTheResolverHangs) {
  TestServer server(
      Answering(Context(), [](const std::string&) { return Answer("{}"); }));
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  resolver_->SetHanging(true);
  EXPECT_TRUE(Get(*transport, server.port()).ok());
}

}  // namespace
}  // namespace serverspace::http
