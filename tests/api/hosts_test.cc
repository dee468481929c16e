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

}  // namespace
}  // namespace serverspace::api
