#include "api/route.h"

#include <gtest/gtest.h>

namespace serverspace::api {
namespace {

TEST(RouteTest, IsItsTemplateWithoutIds) {
  const Route route("/servers");
  EXPECT_EQ(route.name(), "/servers");
  EXPECT_EQ(route.path(), "/servers");
}

TEST(RouteTest, PutsEachIdInItsPlace) {
  const Route route("/servers/{id}/volumes/{volume}", {"l3s1", "88"});
  EXPECT_EQ(route.name(), "/servers/{id}/volumes/{volume}");
  EXPECT_EQ(route.path(), "/servers/l3s1/volumes/88");
}

TEST(RouteTest, LetsNoIdLeaveItsPlace) {
  EXPECT_EQ(Route("/domains/{id}/records", {"../servers?x#y z"}).path(),
            "/domains/..%2Fservers%3Fx%23y%20z/records");
  EXPECT_EQ(Route("/domains/{id}/records", {".."}).path(),
            "/domains/%2E%2E/records");
  EXPECT_EQ(Route("/a/{id}/b/{id}", {"{id}", "2"}).path(), "/a/%7Bid%7D/b/2");
}

}  // namespace
}  // namespace serverspace::api
