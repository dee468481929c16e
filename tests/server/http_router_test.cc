#include "server/http_router.h"

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

Response Empty(const Request&) { return {}; }

Request Ask(Method method, std::string path) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  return request;
}

class RouterTest : public testing::Test {
 protected:
  Router router_{{Route{"/", {Method::kGet}, Empty},
                  Route{"/tasks", {Method::kGet}, Empty},
                  Route{"/tasks", {Method::kPost}, Empty, 100},
                  Route{"/reload", {Method::kPost}, Empty},
                  Route{.path = "/secret",
                        .methods = {Method::kGet},
                        .handler = Empty,
                        .needs_authentication = true}}};
  Response refusal_;
};

TEST_F(RouterTest, FindsByPathAndMethod) {
  const Route* get = router_.Find(Ask(Method::kGet, "/tasks"), refusal_);
  const Route* post = router_.Find(Ask(Method::kPost, "/tasks"), refusal_);
  ASSERT_NE(get, nullptr);
  ASSERT_NE(post, nullptr);
  EXPECT_EQ(get->max_body_bytes, 0U);
  EXPECT_EQ(post->max_body_bytes, 100U);
}

TEST_F(RouterTest, ServesHeadWhereGetIs) {
  EXPECT_NE(router_.Find(Ask(Method::kHead, "/"), refusal_), nullptr);
  EXPECT_EQ(router_.Find(Ask(Method::kHead, "/reload"), refusal_), nullptr);
}

TEST_F(RouterTest, PathsAreExact) {
  for (const char* path : {"/Tasks", "/tasks/", "//", "/task", "/tasks/1"}) {
    EXPECT_EQ(router_.Find(Ask(Method::kGet, path), refusal_), nullptr) << path;
    EXPECT_EQ(refusal_.status, 404) << path;
  }
}

TEST_F(RouterTest, AWrongMethodIsToldTheRightOnes) {
  EXPECT_EQ(router_.Find(Ask(Method::kOther, "/tasks"), refusal_), nullptr);
  EXPECT_EQ(refusal_.status, 405);
  ASSERT_EQ(refusal_.headers.size(), 1U);
  EXPECT_EQ(refusal_.headers[0].first, "Allow");
  EXPECT_EQ(refusal_.headers[0].second, "GET, HEAD, POST");
}

TEST_F(RouterTest, SomeRoutesAreForTheAuthenticatedOnly) {
  Request request = Ask(Method::kGet, "/secret");
  EXPECT_EQ(router_.Find(request, refusal_), nullptr);
  EXPECT_EQ(refusal_.status, 403);
  request.authenticated = true;
  EXPECT_NE(router_.Find(request, refusal_), nullptr);
}

}  // namespace
}  // namespace serverspace::server
