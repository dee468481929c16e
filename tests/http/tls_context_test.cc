#include "http/tls_context.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "http/test_authority.h"

namespace serverspace::http {
namespace {

class TlsContextTest : public testing::Test {
 protected:
  ~TlsContextTest() override { std::filesystem::remove(path_); }

  Result<std::shared_ptr<const TlsContext>> LoadText(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return TlsContext::Load(path_);
  }

  std::string AuthorityText() const {
    std::ifstream file(authority_.ca_file());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TestAuthority authority_;
  const std::string path_ = authority_.ca_file() + ".copy";
};

TEST_F(TlsContextTest, LoadsWithoutAFile) {
  EXPECT_TRUE(TlsContext::Load("").ok());
}

TEST_F(TlsContextTest, LoadsACertificateAmongOtherText) {
  EXPECT_TRUE(LoadText(AuthorityText()).ok());
  EXPECT_TRUE(
      LoadText("a comment\n" + AuthorityText() + AuthorityText() + "another\n")
          .ok());
}

TEST_F(TlsContextTest, NamesTheFileThatHoldsNone) {
  for (const std::string& text :
       {std::string(), std::string("no certificate\n"),
        AuthorityText().substr(0, 200),
        AuthorityText() + AuthorityText().substr(0, 200),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"
                    "-----END CERTIFICATE-----\n")}) {
    const auto loaded = LoadText(text);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(loaded.error().message.starts_with("ca_file: ")) << text;
    EXPECT_NE(loaded.error().message.find(path_), std::string::npos);
  }
}

TEST_F(TlsContextTest, NamesTheFileThatIsNotThere) {
  const auto loaded = TlsContext::Load("/nonexistent/ca.pem");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("/nonexistent/ca.pem"),
            std::string::npos);
}

}  // namespace
}  // namespace serverspace::http
