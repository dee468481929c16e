#include "http/httplib_transport.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

using HttplibTransportTest = TransportFixture;

std::string Ok(const std::string&) { return Answer("{}"); }

std::size_t CountOf(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(HttplibTransportTest, BringsTheAnswer) {
  TestServer server(Answering(Context(), [](const std::string&) {
    return Answer("{\"ok\":true}",
                  "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
                  "retry-after: 120\r\n",
                  "429 Too Many Requests");
  }));
  const auto transport = Make();
  const auto response = Get(*transport, server.port());
  ASSERT_TRUE(response.ok()) << response.error().error.message;
  EXPECT_EQ(response.value().status, 429);
  EXPECT_EQ(response.value().body, "{\"ok\":true}");
  EXPECT_EQ(response.value().date, "Tue, 15 Nov 1994 08:12:31 GMT");
  EXPECT_EQ(response.value().retry_after, "120");
}

TEST_F(HttplibTransportTest, SendsOneGetWithTheKeyInItsHeaderAndNowhereElse) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make({.user_agent = "exporter/1"});
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  const std::string request = server.requests().front();
  const std::string host = "api.example.com:" + std::to_string(server.port());
  EXPECT_TRUE(request.starts_with("GET /api/v1/servers HTTP/1.1\r\n"));
  for (const std::string& line :
       {"X-API-KEY: " + std::string(kKey), "Host: " + host,
        std::string("Accept-Encoding: gzip"),
        std::string("Accept: application/json"),
        std::string("User-Agent: exporter/1")}) {
    EXPECT_EQ(CountOf(request, "\r\n" + line + "\r\n"), 1U) << request;
  }
  EXPECT_EQ(CountOf(request, kKey), 1U);
  EXPECT_EQ(CountOf(request, "\r\n"), 7U) << request;
}

TEST_F(HttplibTransportTest, RefusesAKeyThatCouldEndItsHeader) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make();
  const HttpsUrl url{.host = kHost, .port = server.port(), .path = ""};
  for (const char* text : {"", "bad\r\nX-Evil: 1", "bad\n", "b\tad", "b ad",
                           "bad\x7f", "b\303\244d"}) {
    const Secret key(text);
    const auto response = transport->Get({.base = url,
                                          .path = "/servers",
                                          .api_key = key,
                                          .deadline = clock_.Mono() + kLong,
                                          .stop = {}});
    ExpectFailure(response, ErrorCode::kInvalidInput, Stage::kExchange, "key");
    EXPECT_EQ(response.error().error.message.find("bad"), std::string::npos);
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttplibTransportTest, RefusesAPathThatCouldEndItsLine) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make();
  const HttpsUrl url{.host = kHost, .port = server.port(), .path = ""};
  for (const char* path : {"", "servers", "/a b", "/a\r\nX: y", "/\xC3\xA4"}) {
    ExpectFailure(transport->Get({.base = url,
                                  .path = path,
                                  .api_key = key_,
                                  .deadline = clock_.Mono() + kLong,
                                  .stop = {}}),
                  ErrorCode::kInvalidInput, Stage::kExchange, "path");
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttplibTransportTest, SendsAnEncodedPathAsItIs) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make();
  const HttpsUrl url{.host = kHost, .port = server.port(), .path = ""};
  ASSERT_TRUE(transport
                  ->Get({.base = url,
                         .path = "/a%2Fb%20c?d=%25+e",
                         .api_key = key_,
                         .deadline = clock_.Mono() + kLong,
                         .stop = {}})
                  .ok());
  EXPECT_TRUE(
      server.requests().front().starts_with("GET /a%2Fb%20c?d=%25+e HTTP/1.1"));
}

TEST_F(HttplibTransportTest, UsesOneConnectionForRequestsInARow) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Get(*transport, server.port()).ok());
  EXPECT_EQ(server.handshakes(), 1);
  EXPECT_EQ(server.requests().size(), 50U);
}

TEST_F(HttplibTransportTest, ServesManyThreads) {
  TestServer server(Answering(Context(), [](const std::string&) {
    return Answer(Gzip(std::string(100'000, 'x')),
                  "Content-Encoding: gzip\r\n");
  }));
  const auto transport = Make();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 100; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 3; ++j) {
          const auto response = Get(*transport, server.port());
          if (response.ok() && response.value().body.size() == 100'000) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 300);
  EXPECT_LE(server.connections(), 300);
  EXPECT_EQ(server.requests().size(), 300U);
}

TEST_F(HttplibTransportTest, DropsAConnectionAfterItsRest) {
  TestServer server(Answering(Context(), Ok));
  FakeClock clock;
  const auto transport = Make({}, &clock);
  const HttpsUrl url{.host = kHost, .port = server.port(), .path = ""};
  const auto get = [&] {
    return Get(*transport, url, clock.Mono() + kLong).ok();
  };
  ASSERT_TRUE(get());
  clock.Advance(std::chrono::seconds(29));
  ASSERT_TRUE(get());
  EXPECT_EQ(server.connections(), 1);
  clock.Advance(std::chrono::seconds(30));
  ASSERT_TRUE(get());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttplibTransportTest, RepeatsOnceWhatFailedOnAKeptConnection) {
  // The first connection answers once and is then closed upon the next request.
  TestServer server([context = Context()](TestSession& session) {
    if (!session.Handshake(context.get())) return;
    for (int i = 0; i < (session.number() == 1 ? 1 : 2); ++i) {
      session.ReadRequest();
      session.Write(Answer("{}"));
    }
    session.ReadRequest();
  });
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  const auto response = Get(*transport, server.port());
  ASSERT_TRUE(response.ok()) << response.error().error.message;
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HttplibTransportTest, RepeatsOnceAndNotTwice) {
  TestServer server([context = Context()](TestSession& session) {
    if (!session.Handshake(context.get())) return;
    if (session.number() == 1) {
      session.ReadRequest();
      session.Write(Answer("{}"));
    }
    session.ReadRequest();
  });
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  ExpectFailure(Get(*transport, server.port()), ErrorCode::kNetwork,
                Stage::kExchange, "");
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HttplibTransportTest, DoesNotRepeatWhatFailedOnANewConnection) {
  TestServer server(Sending(Context(), "", Leaving::kCut));
  const auto transport = Make();
  ExpectFailure(Get(*transport, server.port()), ErrorCode::kNetwork,
                Stage::kExchange, "closed too early");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttplibTransportTest, DoesNotRepeatOnceAByteHasCome) {
  TestServer server([context = Context()](TestSession& session) {
    if (!session.Handshake(context.get())) return;
    session.ReadRequest();
    session.Write(Answer("{}"));
    session.ReadRequest();
    session.Write("HTTP/1.1 2");
  });
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  EXPECT_FALSE(Get(*transport, server.port()).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttplibTransportTest, KeepsNoConnectionThatTheServerCloses) {
  for (const char* head :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}surplus"}) {
    TestServer server(Sending(Context(), head, Leaving::kNever));
    const auto transport = Make();
    ASSERT_TRUE(Get(*transport, server.port()).ok()) << head;
    ASSERT_TRUE(Get(*transport, server.port()).ok()) << head;
    EXPECT_EQ(server.connections(), 2) << head;
  }
}

TEST_F(HttplibTransportTest, KeepsAtMostTheGivenNumberAtRest) {
  constexpr int kAtOnce = 3;
  std::barrier all_asked(kAtOnce);
  TestServer server(Answering(Context(), [&](const std::string&) {
    all_asked.arrive_and_wait();
    return Answer("{}");
  }));
  const auto transport = Make({.max_idle_per_host = 1});
  for (int round = 0; round < 2; ++round) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kAtOnce; ++i) {
      threads.emplace_back(
          [&] { EXPECT_TRUE(Get(*transport, server.port()).ok()); });
    }
  }
  EXPECT_EQ(server.connections(), kAtOnce + kAtOnce - 1);
}

TEST_F(HttplibTransportTest, NeitherFollowsARedirectNorContactsItsTarget) {
  TestServer target(Answering(Context(), Ok));
  TestServer server(Answering(Context(), [&](const std::string&) {
    return Answer("moved",
                  "Location: https://api.example.com:" +
                      std::to_string(target.port()) + "/\r\n",
                  "302 Found");
  }));
  const auto transport = Make();
  const auto response = Get(*transport, server.port());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response.value().status, 302);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(target.connections(), 0);
}

TEST_F(HttplibTransportTest, NamesARefusedConnection) {
  std::uint16_t port = 0;
  {
    TestServer server(Answering(Context(), Ok));
    port = server.port();
  }
  const auto transport = Make();
  const auto response = Get(*transport, port);
  ExpectFailure(response, ErrorCode::kNetwork, Stage::kConnect, "");
  EXPECT_EQ(response.error().error.message,
            "api.example.com:" + std::to_string(port) +
                ": connect: connection refused");
}

TEST_F(HttplibTransportTest, TriesTheNextAddress) {
  TestServer server(Answering(Context(), Ok));
  // Nothing listens at the first one.
  resolver_->Set(kHost, {"127.0.0.2", "127.0.0.1"});
  const auto transport = Make();
  EXPECT_TRUE(Get(*transport, server.port()).ok());
}

TEST_F(HttplibTransportTest, NamesAHostThatHasNoAddress) {
  resolver_->Remove(kHost);
  const auto transport = Make();
  ExpectFailure(Get(*transport, 443), ErrorCode::kNetwork, Stage::kResolve,
                "api.example.com: resolve: name or service not known");
}

TEST_F(HttplibTransportTest, EndsAtOnceWhenStoppedBefore) {
  TestServer server(Answering(Context(), Ok));
  const auto transport = Make();
  std::stop_source stop;
  stop.request_stop();
  ExpectFailure(Get(*transport, server.port(), kLong, stop.get_token()),
                ErrorCode::kCancelled, Stage::kExchange, "cancelled");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttplibTransportTest, NamesABadOption) {
  for (const auto& [options, name] :
       {std::pair{HttplibTransport::Options{.ca_file = "/nonexistent"},
                  "ca_file"},
        std::pair{HttplibTransport::Options{.proxy_url = "ftp://secret@x"},
                  "proxy_url"},
        std::pair{HttplibTransport::Options{.user_agent = "a\r\nb"},
                  "user_agent"}}) {
    const auto made = HttplibTransport::Create(options, clock_, resolver_);
    ASSERT_FALSE(made.ok()) << name;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(made.error().message.find(name), std::string::npos);
    EXPECT_EQ(made.error().message.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace serverspace::http
