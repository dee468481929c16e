#include "server/web_config.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scratch_directory.h"
#include "http/test_authority.h"

namespace serverspace::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr std::string_view kHash =
    "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

class WebConfigTest : public testing::Test {
 protected:
  Result<WebConfig, std::vector<config::Problem>> Read(
      const std::string& text) {
    std::ofstream(path_) << text;
    return ReadWebConfig(path_);
  }
  WebConfig Good(const std::string& text) {
    auto config = Read(text);
    if (!config.ok()) {
      ADD_FAILURE() << text << config.error().front().ToString();
      return {};
    }
    return std::move(config).value();
  }
  // All problems, a line each, without the path.
  std::string Bad(const std::string& text) {
    const auto config = Read(text);
    if (config.ok()) return "none";
    std::string lines;
    for (const config::Problem& problem : config.error()) {
      EXPECT_TRUE(problem.ToString().starts_with(path_ + ":"));
      lines += problem.ToString().substr(path_.size() + 1) + "\n";
    }
    return lines;
  }

  ScratchDirectory directory_;
  const std::string path_ = directory_.Path("web.yml");
};

TEST_F(WebConfigTest, ReadsEverySetting) {
  const WebConfig config = Good(
      "tls_server_config:\n"
      "  cert_file: cert.pem\n"
      "  key_file: /etc/key.pem\n"
      "  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_ca_file: sub/ca.pem\n"
      "  client_allowed_sans: [ prometheus.example.com ]\n"
      "  min_version: TLS12\n"
      "  max_version: TLS13\n"
      "  cipher_suites: [ TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ]\n"
      "  curve_preferences: [ CurveP256, X25519 ]\n"
      "  prefer_server_cipher_suites: false\n"
      "http_server_config:\n"
      "  http2: true\n"
      "  headers:\n"
      "    Strict-Transport-Security: max-age=60\n"
      "    X-Frame-Options: sameorigin\n"
      "    X-XSS-Protection: ''\n"
      "basic_auth_users:\n"
      "  alice: " +
      std::string(kHash) + "\n");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->cert_file, directory_.Path("cert.pem"));
  EXPECT_EQ(config.tls->key_file, "/etc/key.pem");
  EXPECT_EQ(config.tls->client_certificates, ClientCertificates::kVerified);
  EXPECT_EQ(config.tls->client_ca_file, directory_.Path("sub/ca.pem"));
  EXPECT_THAT(config.tls->client_allowed_sans,
              ElementsAre("prometheus.example.com"));
  EXPECT_THAT(config.tls->cipher_suites,
              ElementsAre("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
  EXPECT_THAT(config.tls->curve_preferences,
              ElementsAre("CurveP256", "X25519"));
  EXPECT_FALSE(config.tls->prefer_server_cipher_suites);
  EXPECT_THAT(config.headers,
              ElementsAre(Pair("Strict-Transport-Security", "max-age=60"),
                          Pair("X-Frame-Options", "sameorigin")));
  ASSERT_EQ(config.users.size(), 1U);
  EXPECT_EQ(config.users.at("alice").Reveal(), kHash);
  ASSERT_EQ(config.warnings.size(), 1U);
  EXPECT_THAT(config.warnings[0].ToString(), HasSubstr(":13:10: http_server"));
}

TEST_F(WebConfigTest, HasSafeDefaults) {
  const WebConfig config =
      Good("tls_server_config: { cert_file: a, key_file: b }");
  EXPECT_EQ(config.tls->min_version, TlsVersion::kTls12);
  EXPECT_EQ(config.tls->max_version, TlsVersion::kTls13);
  EXPECT_EQ(config.tls->client_certificates, ClientCertificates::kNone);
  EXPECT_TRUE(config.tls->prefer_server_cipher_suites);
  EXPECT_TRUE(config.users.empty());
  EXPECT_TRUE(config.warnings.empty());
}

TEST_F(WebConfigTest, AnEmptyFileAsksForNothing) {
  for (const char* text : {"", "# nothing\n", "basic_auth_users:\n", "{}"}) {
    const WebConfig config = Good(text);
    EXPECT_FALSE(config.tls) << text;
    EXPECT_TRUE(config.users.empty()) << text;
  }
}

TEST_F(WebConfigTest, KnowsTheWordsForClientCertificates) {
  const struct {
    const char* word;
    ClientCertificates meaning;
  } kCases[] = {{"NoClientCert", ClientCertificates::kNone},
                {"''", ClientCertificates::kNone},
                {"RequestClientCert", ClientCertificates::kRequested},
                {"RequireClientCert", ClientCertificates::kRequired},
                {"RequireAnyClientCert", ClientCertificates::kRequired}};
  for (const auto& [word, meaning] : kCases) {
    EXPECT_EQ(Good("tls_server_config: { cert_file: a, key_file: b, "
                   "client_auth_type: " +
                   std::string(word) + " }")
                  .tls->client_certificates,
              meaning)
        << word;
  }
  EXPECT_EQ(Good("tls_server_config: { cert_file: a, key_file: b, "
                 "client_auth_type: VerifyClientCertIfGiven, "
                 "client_ca_file: c }")
                .tls->client_certificates,
            ClientCertificates::kVerifiedIfGiven);
}

TEST_F(WebConfigTest, NamesWhatIsWrongAndWhere) {
  const std::string tls = "tls_server_config: { cert_file: a, key_file: b, ";
  const struct {
    std::string text;
    std::string line;
  } kCases[] = {
      {"tls_config: {}", "1:1: tls_config: unknown key"},
      {"tls_server_config: []", "1:20: tls_server_config: must be a map"},
      {"tls_server_config: { certfile: a, key_file: b }",
       "did you mean \"cert_file\""},
      {"tls_server_config: { cert: a, key_file: b }", "name that as cert_file"},
      {"tls_server_config: {}", "needs a cert_file"},
      {"tls_server_config: { cert_file: a }", "needs a key_file"},
      {"tls_server_config: { cert_file: no-such.pem }", "no-such.pem"},
      {tls + "cert_file: c }", "is set twice"},
      {tls + "min_version: TLS11 }", "\"TLS11\" is no longer safe"},
      {tls + "min_version: 1.2 }", "write TLS12 or TLS13"},
      {tls + "min_version: TLS13, max_version: TLS12 }", "above max_version"},
      {tls + "client_auth_type: Require }", "\"Require\" is unknown"},
      {tls + "client_auth_type: RequireAndVerifyClientCert }",
       "client_ca_file must say"},
      {tls + "client_ca_file: c }", "has no effect unless client_auth_type"},
      {tls + "client_allowed_sans: [ a ] }", "needs client_auth_type"},
      {tls + "client_allowed_sans: a }", "must be a list"},
      {tls + "cipher_suites: [ TLS_RSA_WITH_RC4_128_SHA ] }", "is not offered"},
      {tls + "curve_preferences: [ P256 ] }",
       "is not offered; known here: CurveP256,"},
      {tls + "prefer_server_cipher_suites: 1 }", "true or false"},
      {"http_server_config: { http3: true }", "unknown key"},
      {"http_server_config: { http2: maybe }", "true or false"},
      {"http_server_config: { headers: { Server: x } }",
       "1:34: http_server_config.headers.Server: unknown key"},
      {"http_server_config: { headers: { X-Frame-Options: no } }",
       "deny or sameorigin"},
      {"http_server_config: { headers: { X-Content-Type-Options: no } }",
       "nosniff"},
      {"http_server_config:\n  headers:\n    X-XSS-Protection: \"a\\r\\nB: c\"",
       "3:23: http_server_config.headers.X-XSS-Protection: must be printable"},
      {"basic_auth_users: [ a ]", "must be a map"},
      {"basic_auth_users: { alice: secret }",
       "1:21: basic_auth_users.alice: is not a bcrypt hash"},
      {"basic_auth_users: { 'a:b': x }", "no colon"},
      {"basic_auth_users: { alice: }", "is not a bcrypt hash"},
      {"rate_limit: { interval: 1s }", "limits of its own"},
      {"tls_server_config:\n\tcert_file: a", "tab"},
  };
  for (const auto& [text, line] : kCases)
    EXPECT_THAT(Bad(text), HasSubstr(line)) << text;
}

TEST_F(WebConfigTest, TellsAllProblemsAtOnce) {
  const std::string lines =
      Bad("unknown: 1\n"
          "tls_server_config:\n"
          "  cert_file: a\n"
          "  min_version: TLS10\n"
          "basic_auth_users:\n"
          "  alice: hunter2\n");
  EXPECT_THAT(lines, HasSubstr("1:1: unknown"));
  EXPECT_THAT(lines, HasSubstr("needs a key_file"));
  EXPECT_THAT(lines, HasSubstr("4:16: tls_server_config.min_version"));
  EXPECT_THAT(lines, HasSubstr("6:3: basic_auth_users.alice"));
  EXPECT_THAT(lines, Not(HasSubstr("hunter2")));
}

TEST_F(WebConfigTest, RepeatsNoPasswordAndNoHash) {
  const std::string hash(kHash);
  const struct {
    std::string text;
    std::string line;
  } kCases[] = {
      {"basic_auth_users: {alice:" + hash + "}", "with a blank between"},
      {"basic_auth_users: {alice:" + hash + ": x}", "with a blank between"},
      {"basic_auth_users:\n  \"alice:hunter2\": x", "2:3: basic_auth_users.<"},
      {"basic_auth_users:\n  \"alice:hunter2\":\n", "with a blank between"},
      {"basic_auth_users:\n  alice: hunter2\n", "is not a bcrypt hash"},
      {"basic_auth_users:\n  " + hash + ": alice", "is not a bcrypt hash"},
      {"basic_auth_users:\n  alice: " + hash + "x", "($2y$10$ and 53 char"},
      {"basic_auth_users:\n  '$2hunter2': alice", "is not a bcrypt hash"},
      {"basic_auth_users: alice:" + hash, "must be a map"},
      {"alice:" + hash + ": x", "unknown key"},
      {"\"alice:hunter2\":", "unknown key"},
      {hash + ": alice", "unknown key"},
      {"alice: " + hash, "1:1: alice: unknown key"},
      {"tls_server_config: { cert_file: a, key_file: b, client_auth_type: " +
           hash + " }",
       "is unknown"},
      {"tls_server_config: { cert_file: a, key_file: b, min_version: " + hash +
           " }",
       "write TLS12"},
      {"tls_server_config: { cert_file: a, key_file: b, cipher_suites: [ " +
           hash + " ] }",
       "is not offered"},
      {"http_server_config: { http2: " + hash + " }", "true or false"},
      {"http_server_config: { headers: { alice:" + hash + " } }",
       "unknown key"},
  };
  for (const auto& [text, line] : kCases) {
    const std::string said = Bad(text);
    EXPECT_THAT(said, HasSubstr(line)) << text;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << text;
    // Neither salt nor digest.
    EXPECT_THAT(said, Not(HasSubstr(hash.substr(7, 8)))) << text;
    EXPECT_THAT(said, Not(HasSubstr(hash.substr(29, 8)))) << text;
  }
  const auto loaded = LoadTls(Good("tls_server_config: { cert_file: " + hash +
                                   ", key_file: " + hash + " }"));
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().front().ToString(),
              Not(HasSubstr(hash.substr(7, 8))));
}

TEST_F(WebConfigTest, AKeyInPlaceOfItsPathIsNotShown) {
  // In two halves, as this file is no place for one.
  const std::string key = std::string("-----BEGIN PRIVATE ") +
                          "KEY-----\n  MIGHAgEAMBMG/hunter2+/8B\n";
  const std::string said =
      Bad("tls_server_config:\n cert_file: a\n key_file: |\n  " + key);
  EXPECT_THAT(said, HasSubstr("must be the path of a file"));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
  EXPECT_THAT(said, Not(HasSubstr("BEGIN")));
}

TEST_F(WebConfigTest, AFileThatIsNotThereIsNamed) {
  const auto config = ReadWebConfig(directory_.Path("nowhere.yml"));
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().front().ToString(), HasSubstr("/nowhere.yml"));
}

TEST_F(WebConfigTest, LoadsTheCertificateOrTellsWhichLineIsWrong) {
  EXPECT_EQ(LoadTls(Good("{}")).value(), nullptr);
  const http::TestAuthority authority;
  authority.Issue("DNS:localhost", directory_.Path("cert"),
                  directory_.Path("key"));
  const std::string text =
      "tls_server_config:\n  cert_file: cert\n  key_file: key\n";
  EXPECT_NE(LoadTls(Good(text)).value(), nullptr);
  authority.Issue("DNS:localhost", directory_.Path("cert"),
                  directory_.Path("other"));
  const auto loaded = LoadTls(Good(text));
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().front().ToString(),
              HasSubstr("web.yml:3:13: tls_server_config.key_file: " +
                        directory_.Path("key") + " is not the key of"));
}

}  // namespace
}  // namespace serverspace::server
