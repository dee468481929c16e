// What only TLS has; what attacks do over it is in listener_attack_test.cc.

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "server/listener.h"
#include "server/listener_client.h"
#include "server/listener_fixture.h"

namespace serverspace::server {
namespace {

using std::chrono::seconds;

class ListenerTlsTest : public ListenerFixture {
 protected:
  // A listener with these rules, whose authority is this test's.
  void StartWith(ClientCertificates wanted,
                 std::vector<std::string> allowed_sans = {}) {
    directory_ = MakeDirectory();
    authority_.Issue("DNS:localhost", directory_ + "/cert",
                     directory_ + "/key");
    TlsSettings settings{.cert_file = directory_ + "/cert",
                         .key_file = directory_ + "/key",
                         .client_certificates = wanted,
                         .client_allowed_sans = std::move(allowed_sans)};
    if (wanted == ClientCertificates::kVerified ||
        wanted == ClientCertificates::kVerifiedIfGiven) {
      settings.client_ca_file = authority_.ca_file();
    }
    UseTls(settings);
    Start();
  }

  // What the listener answers to a client that shows a certificate for these
  // names; 0 if it will not talk.
  int AskAs(const http::TestAuthority* authority, const std::string& names,
            const std::string& path = "/hello",
            http::TestAuthority::Validity validity =
                http::TestAuthority::Validity::kCurrent) {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()),
                                           SSL_CTX_free);
    if (authority != nullptr) {
      const std::string cert = directory_ + "/client-cert";
      const std::string key = directory_ + "/client-key";
      authority->Issue(names, cert, key, validity);
      EXPECT_EQ(SSL_CTX_use_certificate_file(context.get(), cert.c_str(),
                                             SSL_FILETYPE_PEM),
                1);
      EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(),
                                            SSL_FILETYPE_PEM),
                1);
    }
    ListenerClient client(port());
    if (!client.StartTls(context.get()) || !client.Get(path)) return 0;
    const auto answer = client.Read();
    return answer ? answer->status : 0;
  }

  std::string directory_;
};

TEST_F(ListenerTlsTest, ServesByteForByteInEveryVersion) {
  UseTls();
  Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_min_proto_version(client_context_.get(), version);
    SSL_CTX_set_max_proto_version(client_context_.get(), version);
    ListenerClient client = Connect();
    ASSERT_NE(client.tls(), nullptr);
    EXPECT_EQ(SSL_version(client.tls()), version);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(client.Get("/big"));
      const auto answer = client.Read();
      ASSERT_TRUE(answer);
      EXPECT_TRUE(answer->body == big_->Text());
    }
  }
}

TEST_F(ListenerTlsTest, ASlowReaderGetsAllOfIt) {
  UseTls();
  Start();
  ListenerClient client = Connect(4096);
  ASSERT_TRUE(client.Get("/big"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == big_->Text());
}

TEST_F(ListenerTlsTest, AnswersPipelinedRequestsInOneRecord) {
  UseTls();
  Start();
  ListenerClient client = Connect();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests +=
        "GET /hello?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, "hello " + std::to_string(i) + " from 127.0.0.1\n");
  }
}

TEST_F(ListenerTlsTest, EndsWithAGoodbye) {
  UseTls();
  Start();
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Get("/hello", "Connection: close\r\n"));
  ASSERT_TRUE(client.Read());
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(SSL_get_shutdown(client.tls()) & SSL_RECEIVED_SHUTDOWN,
            SSL_RECEIVED_SHUTDOWN);
}

TEST_F(ListenerTlsTest, PlainHttpIsToldToUseTls) {
  UseTls();
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/hello"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_NE(answer->body.find("https://"), std::string::npos);
  client.CloseSend();
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kBadRequest), 1U);
  EXPECT_EQ(listener_->stats().requests, 0U);
}

TEST_F(ListenerTlsTest, RefusesOldVersions) {
  UseTls();
  Start();
  SSL_CTX_set_security_level(client_context_.get(), 0);
  SSL_CTX_set_min_proto_version(client_context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_1_VERSION);
  EXPECT_EQ(Connect().tls(), nullptr);
  AwaitRejected(RejectReason::kTlsHandshake, 1);
}

TEST_F(ListenerTlsTest, KeepsToItsVersions) {
  directory_ = MakeDirectory();
  authority_.Issue("DNS:localhost", directory_ + "/cert", directory_ + "/key");
  UseTls({.cert_file = directory_ + "/cert",
          .key_file = directory_ + "/key",
          .min_version = TlsVersion::kTls13});
  Start();
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_2_VERSION);
  EXPECT_EQ(Connect().tls(), nullptr);
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_3_VERSION);
  EXPECT_NE(Connect().tls(), nullptr);
}

TEST_F(ListenerTlsTest, AgreesOnHttp11) {
  UseTls();
  Start();
  constexpr unsigned char kOffer[] = "\x02h2\x08http/1.1";
  ASSERT_EQ(
      SSL_CTX_set_alpn_protos(client_context_.get(), kOffer, sizeof kOffer - 1),
      0);
  ListenerClient client = Connect();
  ASSERT_NE(client.tls(), nullptr);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.tls(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size),
            "http/1.1");
}

TEST_F(ListenerTlsTest, ResumesSessions) {
  // With certificates asked for, which OpenSSL wants a session context for.
  StartWith(ClientCertificates::kRequested);
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(client_context_.get(), SSL_SESS_CACHE_CLIENT);
  std::shared_ptr<SSL_SESSION> session;
  {
    ListenerClient first = Connect();
    ASSERT_NE(first.tls(), nullptr);
    ASSERT_TRUE(first.Get("/hello", "Connection: close\r\n"));
    ASSERT_TRUE(first.Read());
    ASSERT_TRUE(first.AtEnd());
    session.reset(SSL_get1_session(first.tls()), SSL_SESSION_free);
    // Without its goodbye the client would not resume it.
    SSL_shutdown(first.tls());
  }
  ListenerClient second(port());
  ASSERT_TRUE(second.StartTls(client_context_.get(), session.get()));
  EXPECT_EQ(SSL_session_reused(second.tls()), 1);
  ASSERT_TRUE(second.Get("/hello"));
  EXPECT_TRUE(second.Read());
}

TEST_F(ListenerTlsTest, OfHalfOpenHandshakesTheOldestMakeRoom) {
  UseTls();
  Start();
  std::deque<ListenerClient> half_open;
  for (int i = 0; i < 200; ++i) {
    half_open.emplace_back(port());
    // A record that promises 512 bytes and brings four.
    ASSERT_TRUE(half_open.back().Send(
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9)));
    if (i % 20 == 0) ExpectServed();
  }
  ExpectServed();
  AwaitRejected(RejectReason::kTlsHandshake, 200 - 64);
  clock_.Advance(seconds(6));
  AwaitConnections(0);
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kTlsHandshake), 200U);
  ExpectServed();
}

TEST_F(ListenerTlsTest, AHandshakeDoesNotEatUpTheTimeOfTheHead) {
  UseTls();
  Start();
  ListenerClient client(port());
  AwaitConnections(1);
  clock_.Advance(seconds(4));
  ASSERT_TRUE(client.StartTls(client_context_.get()));
  ExpectServed();
  clock_.Advance(seconds(4));
  ASSERT_TRUE(client.Get("/hello"));
  EXPECT_TRUE(client.Read());
}

TEST_F(ListenerTlsTest, GarbageAfterTheFirstByteIsNoHandshake) {
  UseTls();
  Start();
  for (int i = 0; i < 10; ++i) {
    ListenerClient client(port());
    ASSERT_TRUE(client.Send("\x16garbage" + std::string(2000, 'x')));
    while (!client.ReadSome(100).empty()) {
    }
  }
  AwaitRejected(RejectReason::kTlsHandshake, 10);
  ExpectServed();
}

TEST_F(ListenerTlsTest, RenegotiationIsRefusedAndHarmsNobody) {
  UseTls();
  Start();
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_2_VERSION);
  ListenerClient client = Connect();
  ASSERT_TRUE(client.Get("/hello"));
  ASSERT_TRUE(client.Read());
  ASSERT_EQ(SSL_renegotiate(client.tls()), 1);
  SSL_do_handshake(client.tls());
  EXPECT_NE(SSL_renegotiate_pending(client.tls()), 0);
  ExpectServed();
}

TEST_F(ListenerTlsTest, AFloodOfKeyUpdatesHoldsUpNobody) {
  UseTls();
  Start();
  ListenerClient flood = Connect();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(SSL_key_update(flood.tls(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    if (SSL_do_handshake(flood.tls()) != 1) break;
    if (i % 500 == 0) ExpectServed();
  }
  ExpectServed();
  ASSERT_TRUE(flood.Get("/hello"));
  EXPECT_TRUE(flood.Read());
}

TEST_F(ListenerTlsTest, ANewCertificateIsForNewConnections) {
  UseTls();
  // As the web configuration does it: another context from the same function.
  const std::string directory = MakeDirectory();
  std::mutex mutex;
  std::shared_ptr<const TlsServerContext> current;
  const auto issue = [&](const std::string& names) {
    authority_.Issue(names, directory + "/cert", directory + "/key");
    auto context = TlsServerContext::Load(
        {.cert_file = directory + "/cert", .key_file = directory + "/key"});
    ASSERT_TRUE(context.ok());
    const std::lock_guard lock(mutex);
    current = std::move(context).value();
  };
  const auto shown = [](const ListenerClient& client) {
    const std::shared_ptr<X509> certificate(
        SSL_get1_peer_certificate(client.tls()), X509_free);
    return X509_check_host(certificate.get(), "new.example.com", 0, 0,
                           nullptr) == 1;
  };
  issue("DNS:old.example.com");
  options_.tls = [&] {
    const std::lock_guard lock(mutex);
    return current;
  };
  Start();
  ListenerClient before = Connect();
  ASSERT_NE(before.tls(), nullptr);
  EXPECT_FALSE(shown(before));
  issue("DNS:new.example.com");
  ListenerClient after = Connect();
  ASSERT_NE(after.tls(), nullptr);
  EXPECT_TRUE(shown(after));
  for (ListenerClient* client : {&before, &after}) {
    ASSERT_TRUE(client->Get("/hello"));
    EXPECT_TRUE(client->Read());
  }
  listener_.reset();
}

TEST_F(ListenerTlsTest, StopEndsHandshakesAtOnce) {
  UseTls();
  Start();
  ListenerClient silent(port());
  ListenerClient half_open(port());
  ASSERT_TRUE(half_open.Send(std::string("\x16\x03\x01", 3)));
  ListenerClient not_reading = Connect(4096);
  ASSERT_TRUE(not_reading.Get("/big"));
  ASSERT_FALSE(not_reading.ReadSome(1).empty());
  AwaitConnections(3);
  const auto begin = std::chrono::steady_clock::now();
  listener_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_EQ(listener_->stats().connections, 0U);
}

TEST_F(ListenerTlsTest, AVerifiedCertificateAuthenticates) {
  StartWith(ClientCertificates::kVerified);
  const http::TestAuthority stranger;
  EXPECT_EQ(AskAs(&authority_, "DNS:a.example.com"), 200);
  EXPECT_EQ(AskAs(&authority_, "DNS:a.example.com", "/protected"), 200);
  EXPECT_EQ(AskAs(&stranger, "DNS:a.example.com"), 0);
  EXPECT_EQ(AskAs(&authority_, "DNS:a.example.com", "/hello",
                  http::TestAuthority::Validity::kExpired),
            0);
  EXPECT_EQ(AskAs(nullptr, ""), 0);
  AwaitRejected(RejectReason::kTlsHandshake, 3);
}

TEST_F(ListenerTlsTest, ACertificateMayBeLeftOutWhereItNeedNotBeGiven) {
  StartWith(ClientCertificates::kVerifiedIfGiven);
  const http::TestAuthority stranger;
  EXPECT_EQ(AskAs(&authority_, "DNS:a.example.com", "/protected"), 200);
  EXPECT_EQ(AskAs(nullptr, "", "/hello"), 200);
  EXPECT_EQ(AskAs(nullptr, "", "/protected"), 403);
  EXPECT_EQ(AskAs(&stranger, "DNS:a.example.com"), 0);
}

TEST_F(ListenerTlsTest, AnUnverifiedCertificateSaysNothing) {
  StartWith(ClientCertificates::kRequired);
  const http::TestAuthority stranger;
  EXPECT_EQ(AskAs(&stranger, "DNS:a.example.com", "/hello"), 200);
  EXPECT_EQ(AskAs(&stranger, "DNS:a.example.com", "/protected"), 403);
  EXPECT_EQ(AskAs(nullptr, ""), 0);
}

TEST_F(ListenerTlsTest, ARequestedCertificateMayBeAnyOrNone) {
  StartWith(ClientCertificates::kRequested);
  const http::TestAuthority stranger;
  EXPECT_EQ(AskAs(&stranger, "DNS:a.example.com", "/protected"), 403);
  EXPECT_EQ(AskAs(nullptr, ""), 200);
}

TEST_F(ListenerTlsTest, OnlyAllowedNamesGetIn) {
  StartWith(ClientCertificates::kVerified,
            {"prometheus.example.com", "ops@example.com", "192.0.2.7",
             "2001:db8:0:0::7", "spiffe://example.com/prometheus"});
  const struct {
    const char* names;
    int status;
  } kCases[] = {
      {"DNS:prometheus.example.com", 200},
      {"DNS:other.example.com,DNS:prometheus.example.com", 200},
      {"email:ops@example.com", 200},
      {"IP:192.0.2.7", 200},
      {"IP:2001:db8::7", 200},
      {"URI:spiffe://example.com/prometheus", 200},
      {"DNS:other.example.com", 0},
      {"DNS:*.example.com", 0},
      {"DNS:192.0.2.7", 200},
      {"IP:192.0.2.8", 0},
      {"URI:spiffe://example.com/prometheus/2", 0},
      {"email:prometheus.example.com@example.com", 0},
  };
  for (const auto& [names, status] : kCases)
    EXPECT_EQ(AskAs(&authority_, names), status) << names;
}

}  // namespace
}  // namespace serverspace::server
