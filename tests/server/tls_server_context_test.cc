#include "server/tls_server_context.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/scratch_directory.h"
#include "http/test_authority.h"

namespace serverspace::server {
namespace {

class TlsServerContextTest : public testing::Test {
 protected:
  TlsServerContextTest() {
    settings_.cert_file = directory_.Path("cert.pem");
    settings_.key_file = directory_.Path("key.pem");
    authority_.Issue("DNS:localhost", settings_.cert_file, settings_.key_file);
  }

  void Write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  void ExpectProblem(std::string_view setting, std::string_view words) {
    const auto context = TlsServerContext::Load(settings_);
    ASSERT_FALSE(context.ok()) << words;
    EXPECT_EQ(context.error().setting, setting);
    EXPECT_NE(context.error().message.find(words), std::string::npos)
        << context.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U);
  }

  const http::TestAuthority authority_;
  ScratchDirectory directory_;
  TlsSettings settings_;
};

TEST_F(TlsServerContextTest, LoadsACertificateAndItsKey) {
  const auto context = TlsServerContext::Load(settings_);
  ASSERT_TRUE(context.ok()) << context.error().message;
  EXPECT_FALSE(context.value()->verifies_clients());
  const auto left = context.value()->expires() - SystemClock().Wall();
  EXPECT_GT(left, std::chrono::hours(23));
  EXPECT_LT(left, std::chrono::hours(25));
}

TEST_F(TlsServerContextTest, ACertificateWithoutAnEndHasNotExpired) {
  authority_.Issue("DNS:localhost", settings_.cert_file, settings_.key_file,
                   http::TestAuthority::Validity::kEndless);
  const auto context = TlsServerContext::Load(settings_);
  ASSERT_TRUE(context.ok()) << context.error().message;
  EXPECT_GT(context.value()->expires() - SystemClock().Wall(),
            std::chrono::years(100));
}

TEST_F(TlsServerContextTest, SuitesOfTls13AloneNeedIt) {
  settings_.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  settings_.max_version = TlsVersion::kTls12;
  ExpectProblem("cipher_suites", "max_version");
}

TEST_F(TlsServerContextTest, LoadsAChain) {
  std::ofstream file(settings_.cert_file, std::ios::app);
  file << ReadFile(authority_.ca_file(), 100'000).value();
  file.close();
  EXPECT_TRUE(TlsServerContext::Load(settings_).ok());
}

TEST_F(TlsServerContextTest, TakesEverySuiteAndCurveThatIsKnown) {
  settings_.cipher_suites.assign(KnownCipherSuites().begin(),
                                 KnownCipherSuites().end());
  settings_.curve_preferences.assign(KnownCurves().begin(),
                                     KnownCurves().end());
  EXPECT_TRUE(TlsServerContext::Load(settings_).ok());
  for (const std::string_view suite : KnownCipherSuites()) {
    settings_.cipher_suites = {std::string(suite)};
    EXPECT_TRUE(TlsServerContext::Load(settings_).ok()) << suite;
  }
  for (const std::string_view curve : KnownCurves()) {
    settings_.curve_preferences = {std::string(curve)};
    EXPECT_TRUE(TlsServerContext::Load(settings_).ok()) << curve;
  }
}

TEST_F(TlsServerContextTest, SuitesOfTls13AloneLeaveNothingToTls12) {
  settings_.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  const auto context = TlsServerContext::Load(settings_);
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context.value()->native()),
            TLS1_3_VERSION);
}

TEST_F(TlsServerContextTest, NamesTheFileThatIsWrong) {
  const std::string key = ReadFile(settings_.key_file, 100'000).value();
  const std::string cert = ReadFile(settings_.cert_file, 100'000).value();

  settings_.cert_file = directory_.Path("nowhere");
  ExpectProblem("cert_file", "/nowhere");
  settings_.cert_file = directory_.Path("cert.pem");
  Write(settings_.cert_file, "");
  ExpectProblem("cert_file", "no PEM certificate");
  Write(settings_.cert_file, cert.substr(0, cert.size() / 2));
  ExpectProblem("cert_file", "damaged");
  Write(settings_.cert_file, key);
  ExpectProblem("cert_file", "no PEM certificate");

  Write(settings_.cert_file, cert);
  Write(settings_.key_file, cert);
  ExpectProblem("key_file", "no PEM private key");
  authority_.Issue("DNS:a", directory_.Path("other"), settings_.key_file);
  ExpectProblem("key_file", "is not the key of the certificate");

  Write(settings_.key_file, key);
  settings_.client_ca_file = settings_.key_file;
  ExpectProblem("client_ca_file", "no PEM certificate");
}

TEST_F(TlsServerContextTest, AKeyWithAPassPhraseIsRefusedWithoutAsking) {
  const std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<FILE, int (*)(FILE*)> file(
      std::fopen(settings_.key_file.c_str(), "w"), std::fclose);
  const std::string phrase = "phrase";
  ASSERT_EQ(PEM_write_PrivateKey(
                file.get(), key.get(), EVP_aes_128_cbc(),
                reinterpret_cast<const unsigned char*>(phrase.data()),
                static_cast<int>(phrase.size()), nullptr, nullptr),
            1);
  file.reset();
  ExpectProblem("key_file", "is encrypted");
}

TEST_F(TlsServerContextTest, AWeakKeyIsRefusedInClearWords) {
  const std::string command =
      "openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -days 1 "
      "-keyout " +
      settings_.key_file + " -out " + settings_.cert_file + " >/dev/null 2>&1";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the fixture has one thread.
  ASSERT_EQ(std::system(command.c_str()), 0) << "needs the openssl program";
  ExpectProblem("cert_file", "too weak");
}

}  // namespace
}  // namespace serverspace::server
