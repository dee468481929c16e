#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "base/fake_clock.h"
#include "http/test_authority.h"
#include "server/listener.h"
#include "server/listener_client.h"
#include "server/tls_server_context.h"

namespace serverspace::server {

/// A page of 8 MiB in parts of many sizes, no two alike.
class BigPage {
 public:
  BigPage() {
    for (std::size_t i = 0; size_bytes_ < 8 * 1024 * 1024; ++i) {
      std::string part(1 + i * 7919 % 60'000, static_cast<char>('a' + i % 26));
      part += std::to_string(i);
      size_bytes_ += part.size();
      parts_.push_back(std::move(part));
    }
    views_.assign(parts_.begin(), parts_.end());
  }
  BigPage(const BigPage&) = delete;
  BigPage& operator=(const BigPage&) = delete;

  static Body AsBody(const std::shared_ptr<const BigPage>& page) {
    return {page->views_, page->size_bytes_, page};
  }
  std::string Text() const {
    std::string text;
    for (const std::string& part : parts_) text += part;
    return text;
  }

 private:
  std::vector<std::string> parts_;
  std::vector<std::string_view> views_;
  std::uint64_t size_bytes_ = 0;
};

/// A listener on loopback with a route for each way to behave, and a clock that
/// stands still until the test moves it.
class ListenerFixture : public testing::Test {
 protected:
  ListenerFixture() { options_.addresses = {"127.0.0.1:0"}; }
  ~ListenerFixture() override {
    for (const std::string& path : directories_) {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  }

  void Start() {
    auto started = Listener::Start(options_, Routes(), clock_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    listener_ = std::move(started).value();
  }

  /// From now on the listener to be started speaks TLS, with a certificate that
  /// nobody verifies.
  void UseTls() {
    const std::string directory = MakeDirectory();
    authority_.Issue("DNS:localhost", directory + "/cert", directory + "/key");
    UseTls({.cert_file = directory + "/cert", .key_file = directory + "/key"});
  }
  void UseTls(const TlsSettings& settings) {
    auto context = TlsServerContext::Load(settings);
    ASSERT_TRUE(context.ok()) << context.error().message;
    options_.tls = [context = std::move(context).value()] { return context; };
    client_context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  }
  std::string MakeDirectory() {
    std::string path = testing::TempDir() + "listener-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directories_.push_back(path);
    return path;
  }

  /// A connection as the listener wants it. Over TLS it is of use at once, too.
  ListenerClient Connect(int receive_buffer_bytes = 0) const {
    ListenerClient client(port(), receive_buffer_bytes);
    if (client_context_ != nullptr) client.StartTls(client_context_.get());
    return client;
  }

  /// Somebody else is answered meanwhile.
  void ExpectServed() const {
    ListenerClient client = Connect();
    ASSERT_TRUE(client.Get("/hello"));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }

  std::uint16_t port() const { return listener_->ports().front(); }

  // What the listener does on its own threads becomes true within a generous
  // time.
  static void Await(const std::function<bool()>& condition) {
    const auto limit =
        std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), limit);
      std::this_thread::yield();
    }
  }
  void AwaitConnections(std::size_t count) const {
    Await([&] { return listener_->stats().connections == count; });
  }
  void AwaitRequests(std::uint64_t count) const {
    Await([&] { return listener_->stats().requests >= count; });
  }
  void AwaitRejected(RejectReason reason, std::uint64_t count) const {
    Await([&] { return listener_->stats().Rejected(reason) >= count; });
  }

  std::vector<Route> Routes() {
    const auto fail = [](const Request&) -> Response {
      throw std::runtime_error("secret");
    };
    const auto always = [](const Request&) { return true; };
    return {
        Route{
            "/throw-choosing",
            {Method::kGet},
            fail,
            0,
            [](const Request&) -> bool { throw std::runtime_error("secret"); }},
        Route{"/hello",
              {Method::kGet},
              [](const Request& request) {
                return Response::Text(
                    200, "hello " + request.query + " from " + request.peer);
              }},
        Route{"/big",
              {Method::kGet},
              [this](const Request&) {
                Response response;
                response.body = BigPage::AsBody(big_);
                return response;
              }},
        Route{"/post",
              {Method::kPost},
              [](const Request& request) {
                return Response::Text(200, request.body);
              },
              100},
        Route{"/throw", {Method::kGet}, fail},
        Route{"/throw-offloaded", {Method::kGet}, fail, 0, always},
        Route{"/wait",
              {Method::kGet},
              [this](const Request&) {
                waiting_.set_value();
                release_.get_future().wait();
                return Response::Text(200, "done");
              },
              0,
              always},
        Route{"/split",
              {Method::kGet},
              [](const Request&) {
                Response response = Response::Text(200, "x");
                response.headers.emplace_back("ETag", "a\r\nSet-Cookie: b");
                return response;
              }},
        Route{"/authorization",
              {Method::kGet},
              [](const Request& request) {
                return Response::Text(200, request.authorization);
              }},
        Route{
            .path = "/protected",
            .methods = {Method::kGet},
            .handler =
                [](const Request&) { return Response::Text(200, "protected"); },
            .needs_authentication = true},
        Route{"/mis-sized",
              {Method::kGet},
              [](const Request&) {
                Response response = Response::Text(200, "x");
                response.body.size_bytes = 100;
                return response;
              }},
    };
  }

  FakeClock clock_;
  const http::TestAuthority authority_;
  std::vector<std::string> directories_;
  std::shared_ptr<SSL_CTX> client_context_;
  ListenerOptions options_;
  const std::shared_ptr<const BigPage> big_ = std::make_shared<BigPage>();
  // Of /wait: set when its handler runs, and what lets it go on.
  std::promise<void> waiting_;
  std::promise<void> release_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace serverspace::server
