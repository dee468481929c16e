#include "server/http_message.h"

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

TEST(BodyTest, KeepsItsTextThroughCopiesAndMoves) {
  Body copy;
  {
    Body body = Body::Text("short");
    copy = body;
    const Body moved = std::move(body);
    EXPECT_EQ(moved.size_bytes, 5U);
  }
  ASSERT_EQ(copy.parts.size(), 1U);
  EXPECT_EQ(copy.parts[0], "short");
}

TEST(ResponseTest, TextEndsWithALineEnd) {
  const Response response = Response::Text(404, "not found");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.parts[0], "not found\n");
  EXPECT_EQ(response.body.size_bytes, 10U);
}

}  // namespace
}  // namespace serverspace::server
