#include "app/healthcheck.h"

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/recording_log.h"
#include "base/scratch_directory.h"
#include "http/test_authority.h"
#include "server/http_message.h"
#include "server/listener.h"
#include "server/web_security.h"

namespace serverspace::app {
namespace {

TEST(HealthcheckTest, AsksWhereTheExporterListens) {
  const struct {
    std::string listen;
    std::string authority;
  } cases[] = {
      {":10066", "127.0.0.1:10066"},    {"0.0.0.0:9100", "127.0.0.1:9100"},
      {"[::]:9100", "[::1]:9100"},      {"[::1]:9100", "[::1]:9100"},
      {"192.0.2.7:80", "192.0.2.7:80"}, {"localhost:80", "localhost:80"}};
  for (const auto& [listen, authority] : cases) {
    const auto target =
        FindHealthTarget({}, {.listen_addresses = {listen, ":1"}});
    ASSERT_TRUE(target.ok()) << listen;
    EXPECT_EQ(target.value().url.Authority(), authority);
    EXPECT_EQ(target.value().url.path, "/-/healthy");
    EXPECT_FALSE(target.value().url.tls);
    EXPECT_EQ(target.value().authorization, "");
  }
  EXPECT_FALSE(
      FindHealthTarget({}, {.listen_addresses = {"127.0.0.1:0"}}).ok());
}

TEST(HealthcheckTest, AsksTheUrlItIsGiven) {
  const auto target = FindHealthTarget("https://localhost/x", {});
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target.value().url.Authority(), "localhost:443");
  EXPECT_TRUE(target.value().url.tls);
  EXPECT_FALSE(FindHealthTarget("nonsense", {}).ok());
}

class HealthcheckServerTest : public testing::Test {
 protected:
  HealthcheckServerTest() {
    authority_.Issue("DNS:elsewhere.example.com", directory_.Path("cert"),
                     directory_.Path("key"));
  }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.Path(name)) << text;
    return directory_.Path(name);
  }

  // What a check with one web configuration says of an exporter with another.
  Report Ask(int status, const std::string& exporters = "",
             const std::string& checks = "") {
    server::ListenerOptions options{.addresses = {"127.0.0.1:0"}};
    std::unique_ptr<server::WebSecurity> security;
    if (!exporters.empty()) {
      auto loaded = server::WebSecurity::Load(exporters, clock_, log_);
      EXPECT_TRUE(loaded.ok());
      security = std::move(loaded).value();
      options.access = security->access();
      if (security->uses_tls()) options.tls = [&] { return security->tls(); };
    }
    auto listener = server::Listener::Start(
        options,
        {{.path = "/-/healthy",
          .methods = {server::Method::kGet},
          .handler =
              [status](const server::Request&) {
                return server::Response::Text(status, "as told");
              }}},
        clock_);
    EXPECT_TRUE(listener.ok());
    const auto target = FindHealthTarget(
        {}, {.listen_addresses = {"127.0.0.1:" +
                                  std::to_string(
                                      listener.value()->ports().front())},
             .config_file = checks});
    EXPECT_TRUE(target.ok());
    return Healthcheck(target.value(), clock_);
  }

  const std::string kTls =
      "tls_server_config: { cert_file: cert, key_file: key }\n";
  const std::string kUsers =
      "basic_auth_users:\n"
      "  alice: "
      "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n";

  const http::TestAuthority authority_;
  ScratchDirectory directory_;
  SystemClock clock_;
  RecordingLog log_;
};

TEST_F(HealthcheckServerTest, IsWellIfTheExporterSaysSo) {
  const Report report = Ask(200);
  EXPECT_EQ(report.status, 0);
  EXPECT_EQ(report.text, "healthy\n");
}

TEST_F(HealthcheckServerTest, FailsIfTheExporterDoesNotSaySo) {
  for (const int status : {503, 404, 401}) {
    const Report report = Ask(status);
    EXPECT_EQ(report.status, 1);
    EXPECT_NE(report.text.find("HTTP " + std::to_string(status)),
              std::string::npos);
  }
}

TEST_F(HealthcheckServerTest, ABadRequestIsNotTakenForTls) {
  const Report report = Ask(400);
  EXPECT_EQ(report.status, 1);
  EXPECT_NE(report.text.find("answers HTTP 400"), std::string::npos)
      << report.text;
}

TEST_F(HealthcheckServerTest, AsksAsTheWebConfigurationSays) {
  for (const std::string& text : {kTls, kUsers, kTls + kUsers}) {
    const std::string file = Write("web.yml", text);
    EXPECT_EQ(Ask(200, file, file).text, "healthy\n") << text;
    EXPECT_EQ(Ask(503, file, file).status, 1) << text;
  }
}

TEST_F(HealthcheckServerTest, SaysWhatIsMissing) {
  const std::string tls = Write("tls.yml", kTls);
  const std::string strict = Write(
      "strict.yml",
      "tls_server_config: { cert_file: cert, key_file: key, client_ca_file: " +
          authority_.ca_file() +
          ", client_auth_type: RequireAndVerifyClientCert }\n");
  const std::string users = Write("users.yml", kUsers);
  std::string others_text = kUsers;
  others_text.replace(others_text.find("alice"), 5, "bob");
  const std::string others = Write("others.yml", others_text);
  const struct {
    std::string exporters;
    std::string checks;
    std::string words;
  } kCases[] = {
      {users, "", "it wants a password; give the exporter's own"},
      {users, others, "it has other basic_auth_users"},
      {tls, "", "speaks TLS: give the exporter's own --web.config.file"},
      {strict, "", "speaks TLS: give the exporter's own --web.config.file"},
      {"", tls, "speaks no TLS"},
  };
  for (const auto& [exporters, checks, words] : kCases) {
    const Report report = Ask(200, exporters, checks);
    EXPECT_EQ(report.status, 1);
    EXPECT_NE(report.text.find(words), std::string::npos) << report.text;
  }
}

TEST_F(HealthcheckServerTest, SaysThatItHasNoCertificateToShow) {
  const std::string strict = Write(
      "web.yml",
      "tls_server_config: { cert_file: cert, key_file: key, client_ca_file: " +
          authority_.ca_file() +
          ", client_auth_type: RequireAndVerifyClientCert }\n");
  const Report told = Ask(200, strict, strict);
  EXPECT_EQ(told.status, 1);
  EXPECT_NE(told.text.find("client certificate"), std::string::npos);
  // If its own file does not tell, the exporter does.
  const Report found = Ask(200, strict, Write("tls.yml", kTls));
  EXPECT_EQ(found.status, 1);
  EXPECT_NE(found.text.find("demands a client certificate"), std::string::npos)
      << found.text;
}

TEST_F(HealthcheckServerTest, AnUnusableWebConfigurationIsAnError) {
  const auto target = FindHealthTarget(
      {},
      {.listen_addresses = {":1"}, .config_file = Write("web.yml", "a: 1")});
  ASSERT_FALSE(target.ok());
  EXPECT_NE(target.error().front().ToString().find("web.yml:1:1: a"),
            std::string::npos);
}

}  // namespace
}  // namespace serverspace::app
