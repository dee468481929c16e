#include "server/web_security.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/recording_log.h"
#include "base/scratch_directory.h"
#include "http/test_authority.h"

namespace serverspace::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kHash =
    "$2y$04$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

class WebSecurityTest : public testing::Test {
 protected:
  WebSecurityTest() { Issue(); }

  void Issue(http::TestAuthority::Validity validity =
                 http::TestAuthority::Validity::kCurrent) {
    authority_.Issue("DNS:localhost", directory_.Path("cert"),
                     directory_.Path("key"), validity);
  }
  void Write(const std::string& text) {
    // Another file each time, as an editor writes it, so that its signature
    // differs whatever the clock does.
    std::ofstream(directory_.Path("new")) << text;
    std::filesystem::rename(directory_.Path("new"), directory_.Path("web.yml"));
  }
  void Load(const std::string& text) {
    Write(text);
    auto loaded = WebSecurity::Load(directory_.Path("web.yml"), clock_, log_);
    ASSERT_TRUE(loaded.ok()) << loaded.error().front().ToString();
    security_ = std::move(loaded).value();
  }
  static std::string Users(const std::string& name) {
    return "basic_auth_users: { " + name + ": " + std::string(kHash) + " }\n";
  }
  void LookTwice() {
    security_->Look();
    security_->Look();
  }
  Admission AtOnce() { return security_->access().at_once({}); }

  std::string Metrics() const {
    metrics::SampleSet samples("");
    security_->AddMetrics(samples);
    return std::move(samples).Render().ToString();
  }

  const std::string kTls =
      "tls_server_config: { cert_file: cert, key_file: key }\n";

  const http::TestAuthority authority_;
  ScratchDirectory directory_;
  FakeClock clock_;
  RecordingLog log_;
  std::unique_ptr<WebSecurity> security_;
};

TEST_F(WebSecurityTest, SaysWhatTheFileSays) {
  Load(kTls + Users("alice") +
       "http_server_config: { headers: { X-Frame-Options: sameorigin } }\n");
  EXPECT_TRUE(security_->uses_tls());
  EXPECT_NE(security_->tls(), nullptr);
  EXPECT_EQ(AtOnce(), Admission::kRefused);
  EXPECT_THAT(*security_->header_lines(),
              HasSubstr("X-Frame-Options: sameorigin\r\n"));
  EXPECT_THAT(log_.Lines("warn"), IsEmpty());
}

TEST_F(WebSecurityTest, WithoutTlsAndUsersAllIsOpen) {
  Load("{}");
  EXPECT_FALSE(security_->uses_tls());
  EXPECT_EQ(AtOnce(), Admission::kOpen);
}

TEST_F(WebSecurityTest, AMistakeAtTheStartIsAnError) {
  for (const std::string& text :
       {std::string("nonsense: 1"),
        std::string("tls_server_config: { cert_file: a, key_file: b }")}) {
    Write(text);
    EXPECT_FALSE(
        WebSecurity::Load(directory_.Path("web.yml"), clock_, log_).ok());
  }
}

TEST_F(WebSecurityTest, WarnsOfWhatIsUnwise) {
  Load(Users("alice"));
  EXPECT_THAT(log_.Lines("warn passwords come in unencrypted"), SizeIs(1));
  Issue(http::TestAuthority::Validity::kExpired);
  clock_.JumpWall(SystemClock().Wall() - clock_.Wall());
  Load(kTls);
  EXPECT_THAT(log_.Lines("warn the certificate of the web configuration has"),
              SizeIs(1));
}

TEST_F(WebSecurityTest, ChangedFilesAreTakenOverOnceTheyAreSettled) {
  Load(kTls);
  const auto before = security_->tls();
  LookTwice();
  EXPECT_EQ(security_->tls(), before);
  Issue();
  security_->Look();
  EXPECT_EQ(security_->tls(), before);
  security_->Look();
  const auto after = security_->tls();
  EXPECT_NE(after, before);
  LookTwice();
  EXPECT_EQ(security_->tls(), after);
  EXPECT_THAT(log_.Lines("info web configuration read again"), SizeIs(1));
  Write(kTls + Users("alice"));
  LookTwice();
  EXPECT_EQ(AtOnce(), Admission::kRefused);
}

TEST_F(WebSecurityTest, OtherFilesAreTakenOverOnce) {
  Load(kTls);
  std::filesystem::copy(directory_.Path("cert"), directory_.Path("other"));
  Write("tls_server_config: { cert_file: other, key_file: key }\n");
  LookTwice();
  const auto after = security_->tls();
  LookTwice();
  LookTwice();
  EXPECT_EQ(security_->tls(), after);
  EXPECT_EQ(log_.Lines("info web configuration read again").size(), 1U);
}

TEST_F(WebSecurityTest, AMistakeKeepsWhatWasAndIsToldOnce) {
  Load(kTls + Users("alice"));
  const auto before = security_->tls();
  Write("nonsense: 1");
  for (int i = 0; i < 3; ++i) LookTwice();
  EXPECT_EQ(security_->tls(), before);
  EXPECT_EQ(AtOnce(), Admission::kRefused);
  EXPECT_THAT(log_.Lines("error web configuration not taken over"), SizeIs(1));
  const auto reloaded = security_->Reload();
  ASSERT_FALSE(reloaded.ok());
  EXPECT_THAT(reloaded.error().message, HasSubstr("web.yml:1:1: nonsense"));
  EXPECT_THAT(log_.Lines("error web configuration not taken over"), SizeIs(1));
  Write(kTls + Users("alice"));
  LookTwice();
  EXPECT_NE(security_->tls(), before);
  Write("nonsense: 1");
  LookTwice();
  EXPECT_THAT(log_.Lines("error web configuration not taken over"), SizeIs(2));
}

TEST_F(WebSecurityTest, AFileFullOfMistakesFloodsNothing) {
  Load(kTls + Users("alice"));
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "odd" + std::to_string(i) + ": 1\n";
  Write(text);
  const auto reloaded = security_->Reload();
  ASSERT_FALSE(reloaded.ok());
  EXPECT_EQ(std::ranges::count(reloaded.error().message, '\n'), 20);
  EXPECT_THAT(reloaded.error().message, HasSubstr("\nand 980 more"));
  EXPECT_THAT(log_.Lines("error web configuration not taken over"), SizeIs(21));
}

TEST_F(WebSecurityTest, ACertificateThatComesLaterIsSeen) {
  Load(kTls);
  Write("tls_server_config: { cert_file: cert, key_file: later }\n");
  LookTwice();
  const auto before = security_->tls();
  EXPECT_THAT(log_.Lines("error"), SizeIs(1));
  std::filesystem::rename(directory_.Path("key"), directory_.Path("later"));
  LookTwice();
  EXPECT_NE(security_->tls(), before);
}

TEST_F(WebSecurityTest, FilesThatVanishChangeNothing) {
  Load(kTls);
  const auto before = security_->tls();
  std::filesystem::remove(directory_.Path("key"));
  LookTwice();
  EXPECT_EQ(security_->tls(), before);
  std::filesystem::remove(directory_.Path("web.yml"));
  LookTwice();
  EXPECT_EQ(security_->tls(), before);
  EXPECT_THAT(log_.Lines("error"), SizeIs(2));
}

TEST_F(WebSecurityTest, NothingThatWasClosedIsOpened) {
  Load(kTls + Users("alice"));
  Write(Users("alice"));
  EXPECT_FALSE(security_->Reload().ok());
  Write(kTls);
  EXPECT_FALSE(security_->Reload().ok());
  Write("");
  EXPECT_FALSE(security_->Reload().ok());
  EXPECT_TRUE(security_->uses_tls());
  EXPECT_EQ(AtOnce(), Admission::kRefused);
  Write(kTls + Users("bob"));
  EXPECT_TRUE(security_->Reload().ok());
}

TEST_F(WebSecurityTest, ClientCertificatesGoOnBeingDemanded) {
  const auto demand = [](const std::string& type) {
    return "tls_server_config: { cert_file: cert, key_file: key, "
           "client_ca_file: cert, client_auth_type: " +
           type + " }\n";
  };
  Load(demand("VerifyClientCertIfGiven"));
  Write(demand("RequireAndVerifyClientCert"));
  EXPECT_TRUE(security_->Reload().ok());
  for (const std::string& weaker : {kTls, demand("VerifyClientCertIfGiven")}) {
    Write(weaker);
    const auto reloaded = security_->Reload();
    ASSERT_FALSE(reloaded.ok()) << weaker;
    EXPECT_THAT(reloaded.error().message, HasSubstr("restart"));
  }
  EXPECT_TRUE(security_->tls()->verifies_clients());
}

TEST_F(WebSecurityTest, ClientsGoOnBeingNamed) {
  const auto demand = [](const std::string& names) {
    return "tls_server_config: { cert_file: cert, key_file: key, "
           "client_ca_file: cert, client_auth_type: "
           "RequireAndVerifyClientCert" +
           names + " }\n";
  };
  Load(demand(", client_allowed_sans: [a.example.com]"));
  Write(demand(", client_allowed_sans: [b.example.com]"));
  EXPECT_TRUE(security_->Reload().ok());
  Write(demand(""));
  const auto reloaded = security_->Reload();
  ASSERT_FALSE(reloaded.ok());
  EXPECT_THAT(reloaded.error().message, HasSubstr("client_allowed_sans"));
  EXPECT_EQ(security_->tls()->allowed_sans(),
            std::vector<std::string>{"b.example.com"});
}

TEST_F(WebSecurityTest, UsersMayComeWhileItRuns) {
  Load("{}");
  Write(Users("alice"));
  EXPECT_TRUE(security_->Reload().ok());
  EXPECT_EQ(AtOnce(), Admission::kRefused);
  Write(Users("alice") + kTls);
  EXPECT_FALSE(security_->Reload().ok());
}

TEST_F(WebSecurityTest, LooksByItself) {
  Load(kTls);
  const auto before = security_->tls();
  security_->Watch();
  clock_.AwaitWaiters(1);
  Issue();
  for (int i = 0; i < 2; ++i) {
    clock_.Advance(std::chrono::seconds(1));
    clock_.AwaitWaiters(1);
  }
  EXPECT_NE(security_->tls(), before);
}

TEST_F(WebSecurityTest, ShowsHowItIs) {
  Load(kTls);
  const std::string good = Metrics();
  EXPECT_THAT(good, HasSubstr("last_reload_successful 1\n"));
  EXPECT_THAT(good,
              HasSubstr("last_reload_success_timestamp_seconds 1700000000\n"));
  EXPECT_THAT(good, HasSubstr("certificate_expiry_timestamp_seconds "));
  Write("nonsense: 1");
  clock_.Advance(std::chrono::hours(1));
  EXPECT_FALSE(security_->Reload().ok());
  const std::string bad = Metrics();
  EXPECT_THAT(bad, HasSubstr("last_reload_successful 0\n"));
  EXPECT_THAT(bad,
              HasSubstr("last_reload_success_timestamp_seconds 1700000000\n"));
  Load("{}");
  EXPECT_THAT(Metrics(), Not(HasSubstr("certificate_expiry")));
}

}  // namespace
}  // namespace serverspace::server
