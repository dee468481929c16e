#include "app/healthcheck.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "server/http_message.h"
#include "server/listener.h"

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
    const auto url = HealthUrl({listen, ":1"});
    ASSERT_TRUE(url.ok()) << listen;
    EXPECT_EQ(url.value().Authority(), authority);
    EXPECT_EQ(url.value().path, "/-/healthy");
  }
  EXPECT_FALSE(HealthUrl({"127.0.0.1:0"}).ok());
}

class HealthcheckServerTest : public testing::Test {
 protected:
  Report Ask(int status) {
    auto listener = server::Listener::Start(
        {.addresses = {"127.0.0.1:0"}},
        {{.path = "/-/healthy",
          .methods = {server::Method::kGet},
          .handler =
              [status](const server::Request&) {
                return server::Response::Text(status, "as told");
              }}},
        clock_);
    EXPECT_TRUE(listener.ok());
    return Healthcheck({.host = "127.0.0.1",
                        .port = listener.value()->ports().front(),
                        .path = "/-/healthy"},
                       clock_);
  }

  SystemClock clock_;
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

}  // namespace
}  // namespace serverspace::app
