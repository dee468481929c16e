#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/url.h"
#include "http/fake_resolver.h"
#include "http/httplib_transport.h"
#include "http/test_authority.h"
#include "http/test_server.h"

namespace serverspace::http {

/// A transport that trusts the test's authority and finds api.example.com on
/// the loopback interface.
class TransportFixture : public testing::Test {
 protected:
  static constexpr Duration kLong = std::chrono::seconds(30);
  static constexpr const char* kHost = "api.example.com";
  static constexpr const char* kKey = "k3y-that-must-not-be-seen";

  TransportFixture() { resolver_->Set(kHost, {"127.0.0.1"}); }
  // A hanging resolution ends, so that no thread is left behind.
  ~TransportFixture() override { resolver_->SetHanging(false); }

  std::unique_ptr<HttplibTransport> Make(HttplibTransport::Options options = {},
                                         Clock* clock = nullptr) {
    if (options.ca_file.empty()) options.ca_file = authority_.ca_file();
    auto transport = HttplibTransport::Create(
        options, clock == nullptr ? clock_ : *clock, resolver_);
    EXPECT_TRUE(transport.ok())
        << (transport.ok() ? "" : transport.error().message);
    return std::move(transport).value();
  }

  Result<Response, TransportError> Get(Transport& transport, std::uint16_t port,
                                       Duration time = kLong,
                                       std::stop_token stop = {},
                                       const std::string& host = kHost) {
    const HttpsUrl url{.host = host, .port = port, .path = "/api/v1"};
    return Get(transport, url, clock_.Mono() + time, std::move(stop));
  }

  Result<Response, TransportError> Get(Transport& transport,
                                       const HttpsUrl& url, MonoTime deadline,
                                       std::stop_token stop = {}) {
    const Request request{.base = url,
                          .path = "/servers",
                          .api_key = key_,
                          .deadline = deadline,
                          .stop = std::move(stop)};
    auto response = transport.Get(request);
    if (!response.ok()) {
      const std::string& text = response.error().error.message;
      EXPECT_EQ(text.find(kKey), std::string::npos) << text;
      EXPECT_TRUE(text.starts_with(url.Authority() + ": ")) << text;
    }
    return response;
  }

  std::shared_ptr<SSL_CTX> Context() {
    return authority_.ServerContext("DNS:api.example.com");
  }

  SystemClock clock_;
  const Secret key_{kKey};
  TestAuthority authority_;
  std::shared_ptr<FakeResolver> resolver_ = std::make_shared<FakeResolver>();
};

/// Expects a failure with this code, stage and part of the text.
inline void ExpectFailure(const Result<Response, TransportError>& response,
                          ErrorCode code, Stage stage, std::string_view text) {
  ASSERT_FALSE(response.ok());
  const TransportError& failure = response.error();
  EXPECT_EQ(failure.error.code, code) << failure.error.message;
  EXPECT_EQ(failure.stage, stage) << failure.error.message;
  EXPECT_NE(failure.error.message.find(text), std::string::npos)
      << failure.error.message;
}

}  // namespace serverspace::http
