// What an operator reads when the way to the API is broken: each fault as what
// it is, word for word, with the reason that the metrics count it under.

#include <cstdint>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/httplib_transport.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

class FailureMessagesTest : public TransportFixture {
 protected:
  static constexpr const char* kProxyHost = "proxy.example.net";

  FailureMessagesTest() { resolver_->Set(kProxyHost, {"127.0.0.1"}); }

  /// A port at which nobody listens.
  static std::uint16_t ClosedPort() {
    return TestServer([](TestSession&) {}).port();
  }

  /// What a request to `port` fails with, without port numbers.
  std::string Ask(std::uint16_t port, ErrorCode expected,
                  HttplibTransport::Options options = {},
                  Duration time = kLong) {
    const auto transport = Make(std::move(options));
    const auto response = Get(*transport, port, time);
    if (response.ok()) return "none";
    EXPECT_EQ(response.error().error.code, expected);
    // Ports are others each time.
    return std::regex_replace(response.error().error.message,
                              std::regex(":[0-9]+"), "");
  }

  HttplibTransport::Options Through(std::uint16_t proxy,
                                    const std::string& user = "") {
    return {.proxy_url =
                "http://" + user + kProxyHost + ":" + std::to_string(proxy)};
  }

  /// One that gives this answer to whatever it is asked.
  static TestServer::Script Saying(std::string answer) {
    return [answer = std::move(answer)](TestSession& session) {
      if (session.ReadRequest().empty()) return;
      session.Write(answer);
      session.Hang();
    };
  }

  TestServer server_{
      Answering(Context(), [](const std::string&) { return Answer("{}"); })};
};

TEST_F(FailureMessagesTest, OfNames) {
  resolver_->Remove(kHost);
  EXPECT_EQ(Ask(4430, ErrorCode::kNetwork),
            "api.example.com: resolve: name or service not known");
  resolver_->SetHanging(true);
  EXPECT_EQ(Ask(4430, ErrorCode::kTimeout, {}, std::chrono::milliseconds(50)),
            "api.example.com: resolve: timed out");
}

TEST_F(FailureMessagesTest, OfConnections) {
  EXPECT_EQ(Ask(ClosedPort(), ErrorCode::kNetwork),
            "api.example.com: connect: connection refused");
  TestServer leaving([](TestSession&) {});
  EXPECT_EQ(Ask(leaving.port(), ErrorCode::kNetwork)
                .substr(0, std::string("api.example.com: tls: ").size()),
            "api.example.com: tls: ");
}

TEST_F(FailureMessagesTest, OfCertificates) {
  struct Case {
    std::shared_ptr<SSL_CTX> context;
    std::string cause;
  };
  const TestAuthority impostor;
  for (const auto& [context, cause] : std::vector<Case>{
           {authority_.ServerContext("DNS:api.example.com",
                                     TestAuthority::Validity::kExpired),
            "certificate has expired"},
           {authority_.ServerContext("DNS:other.example.com"),
            "hostname mismatch"},
           {impostor.ServerContext("DNS:api.example.com"),
            "certificate signature failure"}}) {
    TestServer server(
        Answering(context, [](const std::string&) { return Answer("{}"); }));
    EXPECT_EQ(Ask(server.port(), ErrorCode::kTls),
              "api.example.com: tls: " + cause);
  }
  // A proxy that inspects, or an API with an authority of its own.
  auto distrusting = HttplibTransport::Create({}, clock_, resolver_);
  ASSERT_TRUE(distrusting.ok());
  const auto response = Get(*distrusting.value(), server_.port());
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().error.code, ErrorCode::kTls);
  EXPECT_TRUE(response.error().error.message.ends_with(
      ": tls: unable to get local issuer certificate"))
      << response.error().error.message;
}

TEST_F(FailureMessagesTest, OfWhatIsNoTls) {
  TestServer plain([](TestSession& session) {
    session.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
    session.Hang();
  });
  EXPECT_EQ(Ask(plain.port(), ErrorCode::kTls),
            "api.example.com: tls: the other side speaks no TLS");
}

TEST_F(FailureMessagesTest, OfProxies) {
  const std::uint16_t closed = ClosedPort();
  EXPECT_EQ(Ask(server_.port(), ErrorCode::kNetwork, Through(closed)),
            "api.example.com: connect: proxy proxy.example.net: connection "
            "refused");

  struct Case {
    std::string answer;
    std::string user;
    std::string cause;
  };
  for (const auto& [answer, user, cause] : std::vector<Case>{
           {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "",
            "it refused the tunnel with status 407: it wants a user and a "
            "password"},
           {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "user:pa55word@",
            "it refused the tunnel with status 407: wrong user or password"},
           {"HTTP/1.1 403 Forbidden\r\n\r\n", "",
            "it refused the tunnel with status 403"},
           {"SSH-2.0-OpenSSH\r\n\r\n", "", "it speaks no HTTP"}}) {
    TestServer proxy(Saying(answer));
    EXPECT_EQ(
        Ask(server_.port(), ErrorCode::kNetwork, Through(proxy.port(), user)),
        "api.example.com: connect: proxy proxy.example.net: " + cause);
  }

  TestServer hanging([](TestSession& session) {
    session.ReadRequest();
    session.Hang();
  });
  EXPECT_EQ(Ask(server_.port(), ErrorCode::kTimeout, Through(hanging.port()),
                std::chrono::milliseconds(200)),
            "api.example.com: connect: proxy proxy.example.net: timed out");

  resolver_->Remove(kProxyHost);
  EXPECT_EQ(Ask(server_.port(), ErrorCode::kNetwork, Through(hanging.port())),
            "api.example.com: resolve: proxy proxy.example.net: name or "
            "service not known");
}

TEST_F(FailureMessagesTest, OfCaFiles) {
  const auto created = HttplibTransport::Create({.ca_file = "/nowhere/ca.pem"},
                                                clock_, resolver_);
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(created.error().message,
            "ca_file: cannot open /nowhere/ca.pem: No such file or directory");
}

}  // namespace
}  // namespace serverspace::http
