#include "http/status_get.h"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace serverspace::http {
namespace {

using namespace std::chrono_literals;

TEST(StatusGetTest, ReadsAddresses) {
  const struct {
    std::string_view text;
    PageUrl url;
  } cases[] = {
      {"http://127.0.0.1:10066/-/healthy",
       {.host = "127.0.0.1", .port = 10066, .path = "/-/healthy"}},
      {"http://localhost", {.host = "localhost", .port = 80, .path = "/"}},
      {"http://a.example.com/x?y=1",
       {.host = "a.example.com", .port = 80, .path = "/x?y=1"}},
      {"http://[::1]:9/", {.host = "::1", .port = 9, .path = "/"}},
      {"http://[::1]", {.host = "::1", .port = 80, .path = "/"}},
      {"https://a/", {.tls = true, .host = "a", .port = 443, .path = "/"}},
      {"https://a:1", {.tls = true, .host = "a", .port = 1, .path = "/"}}};
  for (const auto& [text, url] : cases) {
    const auto parsed = ParsePageUrl(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed.value(), url) << text;
  }
}

TEST(StatusGetTest, RefusesOtherAddresses) {
  for (const std::string_view text : {"",
                                      "localhost:80",
                                      "ftp://localhost/",
                                      "http://",
                                      "https://",
                                      "http://:80/",
                                      "http://a:0/",
                                      "http://a:65536/",
                                      "http://a:/",
                                      "http://a:b/",
                                      "http://::1/",
                                      "http://[::1/",
                                      "http://user:word@a/",
                                      "http://a b/",
                                      "http://a/\r\nX: y",
                                      "http://a?x",
                                      "http://[a]/",
                                      "http://[::[1]/",
                                      "http://[::1]]/",
                                      "http://a]/"}) {
    const auto parsed = ParsePageUrl(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().message.find("word"), std::string::npos);
  }
}

TEST(StatusGetTest, WritesBracketsAroundIpv6) {
  EXPECT_EQ((PageUrl{.host = "::1", .port = 80, .path = "/"}).Authority(),
            "[::1]:80");
  EXPECT_EQ((PageUrl{.host = "a", .port = 80, .path = "/"}).Authority(),
            "a:80");
}

/// Accepts one connection, answers with these bytes in two parts and closes.
class PlainServer {
 public:
  explicit PlainServer(const std::string& answer, bool closes = true)
      : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The one cast that the socket interface asks for.
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listening_.get(), generic, sizeof address), 0);
    EXPECT_EQ(listen(listening_.get(), 1), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(listening_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer, closes] {
      UniqueFd connection(accept(listening_.get(), nullptr, nullptr));
      char buffer[1024];
      const ssize_t got = read(connection.get(), buffer, sizeof buffer);
      request_.assign(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
      // Less than a status line or the head of a TLS record: whoever could
      // judge by it may be gone before the rest.
      const std::size_t half = std::min<std::size_t>(answer.size() / 2, 4);
      EXPECT_EQ(write(connection.get(), answer.data(), half),
                static_cast<ssize_t>(half));
      EXPECT_EQ(
          write(connection.get(), answer.data() + half, answer.size() - half),
          static_cast<ssize_t>(answer.size() - half));
      // Silence, until the other side gives up.
      while (!closes && read(connection.get(), buffer, sizeof buffer) > 0) {
      }
    });
  }

  std::uint16_t port() const { return port_; }
  std::string request() {
    thread_.join();
    return request_;
  }

 private:
  UniqueFd listening_;
  std::uint16_t port_ = 0;
  std::string request_;
  std::jthread thread_;
};

class StatusGetServerTest : public testing::Test {
 protected:
  Result<int> Ask(std::uint16_t port, Duration patience = 10s) {
    return GetStatus({.host = "127.0.0.1", .port = port, .path = "/x"}, "",
                     clock_.Mono() + patience, clock_);
  }
  SystemClock clock_;
};

TEST_F(StatusGetServerTest, AnswersTheStatus) {
  PlainServer server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  const auto status = Ask(server.port());
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status.value(), 503);
  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("GET /x HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST_F(StatusGetServerTest, AStatusLineNeedsNoWords) {
  for (const std::string answer : {"HTTP/1.1 200\r\n", "HTTP/1.0 200 \r\n"}) {
    PlainServer server(answer);
    const auto status = Ask(server.port());
    ASSERT_TRUE(status.ok()) << answer;
    EXPECT_EQ(status.value(), 200);
  }
}

TEST_F(StatusGetServerTest, ASenselesslyLongStatusLineIsNone) {
  PlainServer server("HTTP/1.1 200 " + std::string(400, 'x') + "\r\n");
  EXPECT_FALSE(Ask(server.port()).ok());
}

TEST_F(StatusGetServerTest, SendsTheAuthorizationItIsGiven) {
  PlainServer server("HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(GetStatus({.host = "127.0.0.1", .port = server.port()},
                        "Basic eA==", clock_.Mono() + 10s, clock_)
                  .ok());
  EXPECT_NE(server.request().find("\r\nAuthorization: Basic eA==\r\n"),
            std::string::npos);
}

TEST_F(StatusGetServerTest, SaysThatAPlainServerSpeaksNoTls) {
  PlainServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
  const auto status =
      GetStatus({.tls = true, .host = "127.0.0.1", .port = server.port()}, "",
                clock_.Mono() + 10s, clock_);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("speaks no TLS"), std::string::npos);
}

TEST_F(StatusGetServerTest, RefusesWhatIsNoHttp) {
  for (const std::string answer :
       {"", "HTTP", "SSH-2.0-OpenSSH_9.2", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 200", "HTTP/1.1 200 OK",
        "HTTP/1.1 200\n\n", "HTTP/1.x 200 OK\r\n", "HTTP/2.0 200 OK\r\n",
        "HTTP/1.1  200 OK\r\n", "HTTP/1.1 99 Low\r\n", "HTTP/1.1 099 Low\r\n",
        "HTTP/1.1 20 OK\r\n", "HTTP/1.1 200OK\r\n",
        "\x16\x03\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C"}) {
    PlainServer server(answer);
    const auto status = Ask(server.port());
    ASSERT_FALSE(status.ok()) << answer;
    EXPECT_NE(status.error().message.find("127.0.0.1:"), std::string::npos);
  }
}

TEST_F(StatusGetServerTest, WaitsNoLongerThanItsDeadline) {
  PlainServer server("HTT", false);
  const auto status = Ask(server.port(), 100ms);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kTimeout);
}

TEST_F(StatusGetServerTest, FailsWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    PlainServer gone("HTTP/1.1 200 OK\r\n\r\n");
    port = gone.port();
    EXPECT_TRUE(Ask(port).ok());
  }
  const auto status = Ask(port);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kNetwork);
}

}  // namespace
}  // namespace serverspace::http
