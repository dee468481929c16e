#include "server/http_response_head.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
constexpr WallTime kNow{std::chrono::seconds(784'111'777)};

std::string Format(const Response& response, bool keep_alive) {
  return FormatResponseHead(response, kNow, keep_alive, SecurityHeaderLines());
}

TEST(FormatResponseHeadTest, HoldsWhatEveryAnswerNeeds) {
  const std::string head = Format(Response::Text(200, "ok"), true);
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_THAT(head,
              HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 3\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Security-Policy: default-src"));
  EXPECT_THAT(head, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: keep-alive\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\r\nServer:")));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
}

TEST(SecurityHeaderLinesTest, ChosenHeadersReplaceOurOwn) {
  const std::string lines =
      SecurityHeaderLines({{"X-Frame-Options", "SAMEORIGIN"},
                           {"Strict-Transport-Security", "max-age=60"}});
  EXPECT_THAT(lines, HasSubstr("X-Frame-Options: SAMEORIGIN\r\n"));
  EXPECT_THAT(lines, Not(HasSubstr("DENY")));
  EXPECT_THAT(lines, HasSubstr("Strict-Transport-Security: max-age=60\r\n"));
  EXPECT_THAT(lines, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(lines, HasSubstr("Referrer-Policy: no-referrer\r\n"));
  EXPECT_THAT(FormatResponseHead(Response::Text(200, "ok"), kNow, true, lines),
              HasSubstr("\r\nX-Frame-Options: SAMEORIGIN\r\n"));
}

TEST(FormatResponseHeadTest, SaysThatItCloses) {
  EXPECT_THAT(Format(Response::Text(400, "no"), false),
              HasSubstr("\r\nConnection: close\r\n"));
}

TEST(FormatResponseHeadTest, AddsHeadersAndYieldsItsCacheControl) {
  Response response = Response::Text(200, "ok");
  response.headers = {{"ETag", "\"1\""}, {"cache-control", "no-cache"}};
  const std::string head = Format(response, true);
  EXPECT_THAT(head, HasSubstr("\r\nETag: \"1\"\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\ncache-control: no-cache\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("no-store")));
}

TEST(FormatResponseHeadTest, TellsNoLengthWhereThereIsNoBody) {
  for (const int status : {204, 304}) {
    EXPECT_FALSE(StatusHasBody(status));
    EXPECT_THAT(Format(Response::Text(status, "x"), true),
                Not(HasSubstr("Content-Length")));
  }
}

TEST(FormatResponseHeadTest, RefusesHeadersThatWouldSplitTheAnswer) {
  const std::pair<std::string, std::string> kBad[] = {
      {"ETag", "x\r\nSet-Cookie: a=b"},
      {"ETag", "x\n"},
      {"ETag", std::string("x\0", 2)},
      {"", "x"},
      {"A b", "x"},
      {"A:", "x"},
      {"A\r\nB", "x"},
  };
  for (const auto& header : kBad) {
    Response response = Response::Text(200, "ok");
    response.headers = {header};
    EXPECT_EQ(Format(response, true), "") << header.first;
  }
  Response response = Response::Text(200, "ok");
  response.content_type = "text/html\r\nX: y";
  EXPECT_EQ(Format(response, true), "");
  EXPECT_EQ(Format(Response::Text(99, "x"), true), "");
}

}  // namespace
}  // namespace serverspace::server
