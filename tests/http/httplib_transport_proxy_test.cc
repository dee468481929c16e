#include <string>

#include <gtest/gtest.h>

#include "http/httplib_transport.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

class HttplibTransportProxyTest : public TransportFixture {
 protected:
  static constexpr const char* kCredentials = "user:pa55word";
  static constexpr const char* kEncoded = "dXNlcjpwYTU1d29yZA==";

  /// A proxy that opens the tunnel to the server, or gives this answer instead.
  TestServer::Script Proxying(std::string answer = "") {
    return [this, answer = std::move(answer)](TestSession& session) {
      if (session.ReadRequest().empty()) return;
      if (!answer.empty()) {
        session.Write(answer);
        session.Hang();
        return;
      }
      session.Write("HTTP/1.1 200 Connection established\r\n\r\n");
      session.RelayTo(server_.port());
    };
  }

  std::unique_ptr<HttplibTransport> MakeFor(const TestServer& proxy,
                                            const std::string& no_proxy = "") {
    return Make(
        {.proxy_url = "http://" + std::string(kCredentials) +
                      "@proxy.example.net:" + std::to_string(proxy.port()),
         .no_proxy = no_proxy});
  }

  HttplibTransportProxyTest() {
    resolver_->Set("proxy.example.net", {"127.0.0.1"});
  }

  TestServer server_{
      Answering(Context(), [](const std::string&) { return Answer("{}"); })};
};

TEST_F(HttplibTransportProxyTest, GoesThroughATunnel) {
  // The proxy looks the host's name up, not we.
  resolver_->Remove(kHost);
  TestServer proxy(Proxying());
  const auto transport = MakeFor(proxy);
  for (int i = 0; i < 3; ++i) {
    const auto response = Get(*transport, server_.port());
    ASSERT_TRUE(response.ok()) << response.error().error.message;
  }
  EXPECT_EQ(proxy.connections(), 1);
  ASSERT_EQ(proxy.requests().size(), 1U);
  const std::string target =
      "api.example.com:" + std::to_string(server_.port());
  EXPECT_EQ(proxy.requests().front(),
            "CONNECT " + target + " HTTP/1.1\r\nHost: " + target +
                "\r\nProxy-Authorization: Basic " + kEncoded + "\r\n\r\n");
}

TEST_F(HttplibTransportProxyTest, IsUsedFromAChangeOn) {
  TestServer proxy(Proxying());
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server_.port()).ok());
  const std::string url =
      "http://proxy.example.net:" + std::to_string(proxy.port());
  // A change that fails changes nothing.
  EXPECT_FALSE(
      transport->Reconfigure({.ca_file = "/nonexistent", .proxy_url = url})
          .ok());
  ASSERT_TRUE(Get(*transport, server_.port()).ok());
  EXPECT_EQ(proxy.connections(), 0);
  ASSERT_TRUE(
      transport
          ->Reconfigure({.ca_file = authority_.ca_file(), .proxy_url = url})
          .ok());
  ASSERT_TRUE(Get(*transport, server_.port()).ok());
  EXPECT_EQ(proxy.connections(), 1);
}

TEST_F(HttplibTransportProxyTest, KeepsTheProxysPasswordFromTheServer) {
  TestServer proxy(Proxying());
  const auto transport = MakeFor(proxy);
  ASSERT_TRUE(Get(*transport, server_.port()).ok());
  EXPECT_EQ(server_.requests().front().find("Proxy"), std::string::npos);
}

TEST_F(HttplibTransportProxyTest, IsAvoidedForTheHostsOfTheList) {
  TestServer proxy(Proxying());
  const auto transport = MakeFor(proxy, "localhost,.example.com");
  ASSERT_TRUE(Get(*transport, server_.port()).ok());
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(HttplibTransportProxyTest, TellsWhatTheProxyAnswered) {
  const std::pair<const char*, const char*> answers[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "status 407"},
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!", "status 403"},
      {"SSH-2.0-x\r\n\r\n", "speaks no HTTP"},
      {"HTTP/1.1 200 OK\r\n\r\n\x16", "out of turn"},
  };
  for (const auto& [answer, text] : answers) {
    TestServer proxy(Proxying(answer));
    const auto transport = MakeFor(proxy);
    const auto response = Get(*transport, server_.port());
    ExpectFailure(response, ErrorCode::kNetwork, Stage::kConnect, text);
    const std::string& message = response.error().error.message;
    EXPECT_EQ(message.find("pa55word"), std::string::npos);
    EXPECT_EQ(message.find(kEncoded), std::string::npos);
  }
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(HttplibTransportProxyTest, BoundsWhatTheProxySends) {
  TestServer proxy(Proxying("HTTP/1.1 200 OK\r\n" + std::string(60'000, 'x')));
  const auto transport = MakeFor(proxy);
  ExpectFailure(Get(*transport, server_.port()), ErrorCode::kNetwork,
                Stage::kConnect, "too long");
}

TEST_F(HttplibTransportProxyTest, NamesAProxyThatCannotBeReached) {
  std::uint16_t port = 0;
  {
    TestServer proxy(Proxying());
    port = proxy.port();
    resolver_->Set("proxy.example.net", {"127.0.0.1"});
  }
  const auto transport =
      Make({.proxy_url = "http://user:pa55word@proxy.example.net:" +
                         std::to_string(port)});
  const auto response = Get(*transport, server_.port());
  ExpectFailure(response, ErrorCode::kNetwork, Stage::kConnect,
                "proxy proxy.example.net:" + std::to_string(port) +
                    ": connection refused");
  EXPECT_EQ(response.error().error.message.find("pa55word"), std::string::npos);
}

TEST_F(HttplibTransportProxyTest, EndsWhileTheProxyHangs) {
  TestServer proxy([](TestSession& session) {
    session.ReadRequest();
    session.Hang();
  });
  const auto transport = MakeFor(proxy);
  ExpectFailure(Get(*transport, server_.port(), std::chrono::milliseconds(100)),
                ErrorCode::kTimeout, Stage::kConnect, "timed out");
}

}  // namespace
}  // namespace serverspace::http
