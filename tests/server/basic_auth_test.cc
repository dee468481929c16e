#include "server/basic_auth.h"

#include <chrono>
#include <crypt.h>
#include <string>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

// Of "secret" and of "other", both with the least cost.
std::string HashOf(
    const std::string& password,
    const std::string& setting = "$2b$04$abcdefghijklmnopqrstuu") {
  crypt_data data{};
  return ::crypt_r(password.c_str(), setting.c_str(), &data);
}

std::string Base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string code;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8U |
             (j < text.size() ? static_cast<unsigned char>(text[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      code += i + j <= text.size() ? kDigits[bits >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return code;
}

Request Ask(const std::string& credentials, const std::string& path = "/") {
  Request request;
  request.path = path;
  request.authorization = "Basic " + Base64(credentials);
  return request;
}

class BasicAuthTest : public testing::Test {
 protected:
  BasicAuthTest() { auth_.SetUsers(users_); }

  const BasicAuth::Users users_ = {{"alice", Secret(HashOf("secret"))},
                                   {"bob", Secret(HashOf("other"))}};
  BasicAuth auth_;
};

TEST_F(BasicAuthTest, TheRightPasswordIsKnownFromThenOn) {
  EXPECT_EQ(auth_.AtOnce(Ask("alice:secret")), Admission::kUndecided);
  EXPECT_TRUE(auth_.Slowly(Ask("alice:secret")));
  EXPECT_EQ(auth_.AtOnce(Ask("alice:secret")), Admission::kAdmitted);
  EXPECT_EQ(auth_.AtOnce(Ask("bob:secret")), Admission::kUndecided);
  EXPECT_EQ(auth_.AtOnce(Ask("alice:Secret")), Admission::kUndecided);
}

TEST_F(BasicAuthTest, AWrongOneIsRefused) {
  for (const char* wrong :
       {"alice:other", "alice:", "alice:secret ", "Alice:secret", "bob:secret",
        "carol:secret", ":secret", ":"}) {
    EXPECT_EQ(auth_.AtOnce(Ask(wrong)), Admission::kUndecided) << wrong;
    EXPECT_FALSE(auth_.Slowly(Ask(wrong))) << wrong;
    EXPECT_EQ(auth_.AtOnce(Ask(wrong)), Admission::kUndecided) << wrong;
  }
  EXPECT_FALSE(auth_.Slowly(Ask(std::string("alice:secret\0more", 17))));
  EXPECT_FALSE(auth_.Slowly(Ask("alice:" + std::string(5000, 'x'))));
}

TEST_F(BasicAuthTest, WhatIsNoBasicAuthIsRefusedAtOnce) {
  for (const char* header :
       {"", "Basic", "Basic ", "Basic YWxpY2U6c2VjcmV", "Basic ====",
        "Basic YWxpY2U=", "Bearer YWxpY2U6c2VjcmV0", "Basic %%%%", "YWxp"}) {
    Request request;
    request.authorization = header;
    EXPECT_EQ(auth_.AtOnce(request), Admission::kRefused) << header;
    EXPECT_FALSE(auth_.Slowly(request)) << header;
  }
}

TEST_F(BasicAuthTest, TheSchemeIsOfAnyCase) {
  Request request;
  request.authorization = "bAsIc  " + Base64("alice:secret");
  EXPECT_TRUE(auth_.Slowly(request));
}

TEST_F(BasicAuthTest, WithoutUsersEveryoneMayAsk) {
  auth_.SetUsers({});
  EXPECT_EQ(auth_.AtOnce({}), Admission::kOpen);
}

TEST_F(BasicAuthTest, ANewHashEndsWhatWasKnown) {
  ASSERT_TRUE(auth_.Slowly(Ask("alice:secret")));
  ASSERT_TRUE(auth_.Slowly(Ask("bob:other")));
  BasicAuth::Users users = users_;
  users["alice"] = Secret(HashOf("new"));
  auth_.SetUsers(users);
  EXPECT_EQ(auth_.AtOnce(Ask("alice:secret")), Admission::kUndecided);
  EXPECT_FALSE(auth_.Slowly(Ask("alice:secret")));
  EXPECT_TRUE(auth_.Slowly(Ask("alice:new")));
  EXPECT_EQ(auth_.AtOnce(Ask("bob:other")), Admission::kAdmitted);
  users.erase("bob");
  auth_.SetUsers(users);
  EXPECT_EQ(auth_.AtOnce(Ask("bob:other")), Admission::kUndecided);
  EXPECT_FALSE(auth_.Slowly(Ask("bob:other")));
}

TEST_F(BasicAuthTest, RemembersManyButNotAll) {
  BasicAuth::Users users;
  for (int i = 0; i < 70; ++i) {
    users["user" + std::to_string(i)] = Secret(HashOf("secret"));
  }
  auth_.SetUsers(users);
  for (int i = 0; i < 70; ++i)
    ASSERT_TRUE(auth_.Slowly(Ask("user" + std::to_string(i) + ":secret")));
  EXPECT_EQ(auth_.AtOnce(Ask("user0:secret")), Admission::kUndecided);
  EXPECT_EQ(auth_.AtOnce(Ask("user69:secret")), Admission::kAdmitted);
}

TEST_F(BasicAuthTest, AHealthCheckWithTheSameHashesMayAskForHealthAlone) {
  Request request;
  request.authorization = BasicAuth::HealthAuthorization(users_);
  request.path = "/-/healthy";
  EXPECT_EQ(auth_.AtOnce(request), Admission::kAdmitted);
  request.path = "/metrics";
  EXPECT_EQ(auth_.AtOnce(request), Admission::kRefused);
  BasicAuth::Users others = users_;
  others["alice"] = Secret(HashOf("new"));
  request.path = "/-/healthy";
  request.authorization = BasicAuth::HealthAuthorization(others);
  EXPECT_EQ(auth_.AtOnce(request), Admission::kRefused);
  request.authorization += '0';
  EXPECT_EQ(auth_.AtOnce(request), Admission::kRefused);
}

TEST_F(BasicAuthTest, TakesASaltWhoseUnreadBitsAreSet) {
  std::string hash = HashOf("secret");
  ASSERT_EQ(hash[28], 'u');
  hash[28] = 'v';
  auth_.SetUsers({{"alice", Secret(hash)}});
  EXPECT_TRUE(auth_.Slowly(Ask("alice:secret")));
  EXPECT_FALSE(auth_.Slowly(Ask("alice:other")));
}

// Generous: what is compared differs by a factor of some hundred thousand if an
// unknown user, or an unusable password, is refused without a hash.
TEST_F(BasicAuthTest, UnknownUsersTakeAsLongAsOthers) {
  const std::string hash = HashOf("secret", "$2b$10$abcdefghijklmnopqrstuu");
  auth_.SetUsers({{"alice", Secret(hash)}});
  const auto time = [&](const Request& request) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(auth_.Slowly(request));
    return std::chrono::steady_clock::now() - begin;
  };
  const auto known = time(Ask("alice:wrong"));
  EXPECT_GT(10 * time(Ask("carol:wrong")), known);
  EXPECT_GT(10 * time(Ask(std::string("alice:a\0b", 9))), known);
  EXPECT_GT(10 * time(Ask("alice:" + std::string(1000, 'x'))), known);
}

TEST(CheckPasswordHashTest, TakesBcryptOfABearableCost) {
  const std::string hash = HashOf("secret");
  for (const char* kind : {"$2a$", "$2b$", "$2y$"}) {
    EXPECT_TRUE(CheckPasswordHash(kind + hash.substr(4)).ok()) << kind;
  }
  EXPECT_TRUE(CheckPasswordHash("$2y$15$" + hash.substr(7)).ok());
  for (const std::string& bad :
       {std::string(), std::string("secret"), hash + "x",
        hash.substr(0, hash.size() - 1), "$2x$" + hash.substr(4),
        "$2y$16$" + hash.substr(7), "$2y$03$" + hash.substr(7),
        "$2y$1x$" + hash.substr(7), "$2y$10:" + hash.substr(7),
        hash.substr(0, 59) + "!",
        std::string("$6$abcdefgh$") + std::string(86, 'a')}) {
    const auto checked = CheckPasswordHash(bad);
    ASSERT_FALSE(checked.ok()) << bad;
    EXPECT_TRUE(bad.size() < 10 ||
                checked.error().message.find(bad) == std::string::npos);
  }
}

}  // namespace
}  // namespace serverspace::server
