#include "api/hosts.h"

#include <gtest/gtest.h>

#include "api/recording_observer.h"
#include "base/fake_clock.h"

namespace serverspace::api {
namespace {

TEST(HostsTest, GivesOneStateToAllProjectsOfAHost) {
  RecordingObserver observer;
  FakeClock clock;
  Random random(1);
  Hosts hosts({}, clock, random, observer);
  HostState& host = hosts.For({.host = "api.example.com"});
  EXPECT_EQ(&hosts.For({.host = "api.example.com", .path = "/x"}), &host);
  EXPECT_NE(&hosts.For({.host = "api.example.com", .port = 8443}), &host);
  EXPECT_NE(&hosts.For({.host = "api.example.org"}), &host);
  EXPECT_EQ(host.name(), "api.example.com");
}

TEST(HostsTest, ForgetsAHost) {
  RecordingObserver observer;
  FakeClock clock;
  Random random(1);
  Hosts hosts({.failures_to_open = 1}, clock, random, observer);
  const HttpsUrl url = {.host = "api.example.com", .port = 8443};
  auto pass = hosts.For(url).Enter();
  ASSERT_TRUE(pass.ok());
  pass.value().Failed({ErrorCode::kNetwork, "refused"}, http::Stage::kConnect);
  EXPECT_FALSE(hosts.For(url).Check().ok());
  hosts.Remove("api.example.org");
  hosts.Remove("api.example.com");
  EXPECT_FALSE(hosts.For(url).Check().ok());
  hosts.Remove("api.example.com:8443");
  EXPECT_TRUE(hosts.For(url).Check().ok());
}

}  // namespace
}  // namespace serverspace::api
