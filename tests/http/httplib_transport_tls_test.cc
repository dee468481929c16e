#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "http/httplib_transport.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

class HttplibTransportTlsTest : public TransportFixture {
 protected:
  static std::string Ok(const std::string&) { return Answer("{}"); }

  /// Expects that the server is refused before it sees a request.
  void ExpectRefused(std::shared_ptr<SSL_CTX> context, std::string_view cause,
                     const std::string& host = kHost) {
    TestServer server(Answering(std::move(context), Ok));
    const auto transport = Make();
    const auto response = Get(*transport, server.port(), kLong, {}, host);
    ExpectFailure(response, ErrorCode::kTls, Stage::kTls, "");
    const std::string authority =
        HttpsUrl{.host = host, .port = server.port(), .path = ""}.Authority();
    EXPECT_EQ(response.error().error.message,
              authority + ": tls: " + std::string(cause));
    EXPECT_TRUE(server.requests().empty());
  }
};

TEST_F(HttplibTransportTlsTest, RefusesAnExpiredCertificate) {
  ExpectRefused(authority_.ServerContext("DNS:api.example.com",
                                         TestAuthority::Validity::kExpired),
                "certificate has expired");
}

TEST_F(HttplibTransportTlsTest, RefusesACertificateForAnotherName) {
  ExpectRefused(authority_.ServerContext("DNS:other.example.com"),
                "hostname mismatch");
}

TEST_F(HttplibTransportTlsTest, RefusesWildcardsThatCoverTooMuch) {
  for (const char* names : {"DNS:*.com", "DNS:*.*.com", "DNS:api.*.com",
                            "DNS:a*.example.com", "DNS:*"}) {
    ExpectRefused(authority_.ServerContext(names), "hostname mismatch");
  }
}

TEST_F(HttplibTransportTlsTest, AcceptsAWildcardForOneLabel) {
  TestServer server(
      Answering(authority_.ServerContext("DNS:*.example.com"), Ok));
  const auto transport = Make();
  EXPECT_TRUE(Get(*transport, server.port()).ok());
}

TEST_F(HttplibTransportTlsTest, RefusesAnImpostorOfTheAuthority) {
  const TestAuthority other;
  ExpectRefused(other.ServerContext("DNS:api.example.com"),
                "certificate signature failure");
}

TEST_F(HttplibTransportTlsTest, RefusesAnUnknownAuthority) {
  TestServer server(Answering(Context(), Ok));
  auto transport = HttplibTransport::Create({}, clock_, resolver_);
  ASSERT_TRUE(transport.ok());
  ExpectFailure(Get(*transport.value(), server.port()), ErrorCode::kTls,
                Stage::kTls, "unable to get local issuer certificate");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttplibTransportTlsTest, ChecksAnAddressAgainstAddresses) {
  TestServer server(Answering(authority_.ServerContext("IP:127.0.0.1"), Ok));
  const auto transport = Make();
  EXPECT_TRUE(Get(*transport, server.port(), kLong, {}, "127.0.0.1").ok());
  ExpectRefused(authority_.ServerContext("DNS:api.example.com"),
                "IP address mismatch", "127.0.0.1");
  ExpectRefused(authority_.ServerContext("DNS:127.0.0.1"),
                "IP address mismatch", "127.0.0.1");
}

TEST_F(HttplibTransportTlsTest, SendsTheNameAndNeverAnAddress) {
  std::vector<std::string> names;
  TestServer server(
      [&, context = authority_.ServerContext(
              "DNS:api.example.com,IP:127.0.0.1")](TestSession& session) {
        if (!session.Handshake(context.get())) return;
        session.ReadRequest();
        names.push_back(session.server_name());
        session.Write(Answer("{}"));
        session.ReadRequest();
      });
  const auto transport = Make();
  ASSERT_TRUE(Get(*transport, server.port()).ok());
  ASSERT_TRUE(Get(*transport, server.port(), kLong, {}, "127.0.0.1").ok());
  EXPECT_EQ(names, (std::vector<std::string>{kHost, ""}));
}

TEST_F(HttplibTransportTlsTest, RefusesAnOldProtocol) {
  const auto context = Context();
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  ExpectRefused(context, "the other side speaks no TLS 1.2 or newer");
}

TEST_F(HttplibTransportTlsTest, AcceptsBothGoodProtocols) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = Context();
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    TestServer server(Answering(context, Ok));
    const auto transport = Make();
    EXPECT_TRUE(Get(*transport, server.port()).ok());
    EXPECT_TRUE(Get(*transport, server.port()).ok());
    EXPECT_EQ(server.handshakes(), 1);
  }
}

TEST_F(HttplibTransportTlsTest, RefusesAServerWithoutTls) {
  TestServer server([](TestSession& session) {
    session.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
    session.Hang();
  });
  const auto transport = Make();
  ExpectFailure(Get(*transport, server.port()), ErrorCode::kTls, Stage::kTls,
                "the other side speaks no TLS");
}

TEST_F(HttplibTransportTlsTest, TellsAClosedHandshakeFromABadOne) {
  TestServer server([](TestSession&) {});
  const auto transport = Make();
  ExpectFailure(Get(*transport, server.port()), ErrorCode::kNetwork,
                Stage::kTls, "");
}

TEST_F(HttplibTransportTlsTest, ReloadsTheAuthorities) {
  const TestAuthority next;
  const std::string path = authority_.ca_file() + ".current";
  std::filesystem::copy_file(authority_.ca_file(), path);
  TestServer old_server(Answering(Context(), Ok));
  TestServer new_server(
      Answering(next.ServerContext("DNS:api.example.com"), Ok));
  const auto transport = Make({.ca_file = path});
  ASSERT_TRUE(Get(*transport, old_server.port()).ok());
  EXPECT_FALSE(Get(*transport, new_server.port()).ok());

  std::filesystem::copy_file(next.ca_file(), path,
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(transport->Reconfigure({.ca_file = path}).ok());
  EXPECT_TRUE(Get(*transport, new_server.port()).ok());
  // The kept connection went with those who vouched for it.
  EXPECT_FALSE(Get(*transport, old_server.port()).ok());

  std::filesystem::remove(path);
  EXPECT_FALSE(transport->Reconfigure({.ca_file = path}).ok());
  EXPECT_TRUE(Get(*transport, new_server.port()).ok());
  EXPECT_EQ(new_server.handshakes(), 1);
}

}  // namespace
}  // namespace serverspace::http
