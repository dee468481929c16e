#include "server/http_request_parser.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using State = RequestParser::State;

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

class RequestParserTest : public testing::Test {
 protected:
  State Put(std::string_view text) { return parser_.Put(text, consumed_); }

  RequestParser parser_;
  std::size_t consumed_ = 0;
};

TEST_F(RequestParserTest, ReadsAHead) {
  const std::string_view head =
      "POST /api?x=1 HTTP/1.1\r\nhost: example.com:80\r\nAccept: a\r\n"
      "Accept: b\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"e\"\r\n"
      "Content-Type: text/x\r\nAuthorization: Basic eA==\r\n"
      "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n";
  ASSERT_EQ(Put(std::string(head) + "body"), State::kDone);
  EXPECT_EQ(consumed_, head.size());
  const Request& request = parser_.request();
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.path, "/api");
  EXPECT_EQ(request.query, "x=1");
  EXPECT_EQ(request.accept, "a, b");
  EXPECT_EQ(request.accept_encoding, "gzip");
  EXPECT_EQ(request.if_none_match, "\"e\"");
  EXPECT_EQ(request.content_type, "text/x");
  EXPECT_EQ(request.authorization, "Basic eA==");
  EXPECT_EQ(parser_.content_length(), 12U);
  EXPECT_TRUE(parser_.expects_continue());
  EXPECT_TRUE(parser_.keep_alive());
}

TEST_F(RequestParserTest, ReadsAHeadThatComesByteByByte) {
  const std::string head = Get("/metrics");
  std::string unread;
  for (std::size_t i = 0; i < head.size(); ++i) {
    unread += head[i];
    const State state = Put(unread);
    unread.erase(0, consumed_);
    ASSERT_EQ(state, i + 1 == head.size() ? State::kDone : State::kNeedMore)
        << i;
  }
  EXPECT_EQ(parser_.request().path, "/metrics");
  EXPECT_TRUE(unread.empty());
}

TEST_F(RequestParserTest, ReadsOneAfterAnother) {
  const std::string text = Get("/a") + Get("/b");
  ASSERT_EQ(Put(text), State::kDone);
  EXPECT_EQ(parser_.request().path, "/a");
  parser_.Reset();
  ASSERT_EQ(Put(std::string_view(text).substr(consumed_)), State::kDone);
  EXPECT_EQ(parser_.request().path, "/b");
}

TEST_F(RequestParserTest, KnowsMethods) {
  const struct {
    std::string_view name;
    Method method;
  } kCases[] = {{"GET", Method::kGet},       {"HEAD", Method::kHead},
                {"POST", Method::kPost},     {"PUT", Method::kOther},
                {"DELETE", Method::kOther},  {"get", Method::kOther},
                {"OPTIONS", Method::kOther}, {"WHATEVER", Method::kOther}};
  for (const auto& test : kCases) {
    parser_.Reset();
    ASSERT_EQ(Put(std::string(test.name) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
              State::kDone)
        << test.name;
    EXPECT_EQ(parser_.request().method, test.method) << test.name;
  }
}

TEST_F(RequestParserTest, TakesTargetsApart) {
  const struct {
    std::string_view target;
    std::string_view path;
    std::string_view query;
  } kCases[] = {
      {"/", "/", ""},
      {"/?", "/", ""},
      {"/a?b?c", "/a", "b?c"},
      {"/%61?%62", "/a", "%62"},
      {"//a", "//a", ""},
      {"http://example.com/a?b", "/a", "b"},
      {"HTTPS://example.com:443/a", "/a", ""},
      {"http://example.com", "/", ""},
      {"http://example.com?b", "/", "b"},
  };
  for (const auto& test : kCases) {
    parser_.Reset();
    ASSERT_EQ(Put(Get(test.target)), State::kDone) << test.target;
    EXPECT_EQ(parser_.request().path, test.path) << test.target;
    EXPECT_EQ(parser_.request().query, test.query) << test.target;
  }
}

TEST_F(RequestParserTest, RefusesWithTheRightStatus) {
  const std::string kStart = "GET / HTTP/1.1\r\nHost: a\r\n";
  const struct {
    std::string text;
    int status;
  } kCases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.1\nHost: a\n\n", 505},
      {"\x16\x03\x01\x02", 400},
      {"GET\r\n", 400},
      {" GET / HTTP/1.1\r\n\r\n", 400},
      {"\r\n\r\n\r\n", 400},
      {kStart + "no colon\r\n\r\n", 400},
      {kStart + "a : b\r\n\r\n", 400},
      {kStart + "Content-Length: -1\r\n\r\n", 400},
      {kStart + "Content-Length: 1x\r\n\r\n", 400},
      {kStart + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {kStart + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {kStart + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {kStart + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {kStart + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {kStart + "Transfer-Encoding: gzip\r\n\r\n", 411},
      {kStart + "Expect: magic\r\n\r\n", 417},
      {kStart + "Authorization: a\r\nAuthorization: b\r\n\r\n", 400},
      {Get("*"), 400},
      {Get("a"), 400},
      {Get("ftp://example.com/"), 400},
      {Get("http:///a"), 400},
      {Get("http://u@example.com/"), 400},
      {Get("/a#b"), 400},
      {Get("/%2F"), 400},
      {Get("/%zz"), 400},
      {"CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {Get("/" + std::string(9000, 'a')), 414},
  };
  for (const auto& test : kCases) {
    parser_.Reset();
    ASSERT_EQ(Put(test.text), State::kRefused) << test.text;
    EXPECT_EQ(parser_.refusal().status, test.status) << test.text;
  }
}

TEST_F(RequestParserTest, OldClientsNeedNoHost) {
  ASSERT_EQ(Put("GET / HTTP/1.0\r\n\r\n"), State::kDone);
  EXPECT_FALSE(parser_.keep_alive());
}

TEST_F(RequestParserTest, OneEmptyLineBeforeARequestIsSkipped) {
  ASSERT_EQ(Put("\r\n" + Get("/a")), State::kDone);
  EXPECT_EQ(parser_.request().path, "/a");
}

TEST_F(RequestParserTest, TakesAHeadOfExactlyTheLimitAndNoMore) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::size_t fill = 16 * 1024 - start.size() - 4;
  ASSERT_EQ(Put(start + std::string(fill, 'x') + "\r\n\r\n"), State::kDone);
  parser_.Reset();
  ASSERT_EQ(Put(start + std::string(fill + 1, 'x') + "\r\n\r\n"),
            State::kRefused);
  EXPECT_EQ(parser_.refusal().status, 431);
  EXPECT_EQ(parser_.refusal().reason, RejectReason::kHeadTooLarge);
}

TEST_F(RequestParserTest, EndlessHeadsAreRefusedAtTheLimit) {
  for (const std::string_view start :
       {"GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n"}) {
    parser_.Reset();
    std::string unread(start);
    State state = State::kNeedMore;
    std::size_t sent = 0;
    while (state == State::kNeedMore && sent < 20'000) {
      const std::string_view more =
          start.ends_with("1\r\n") ? "a: b\r\n" : "aaaaaa";
      unread += more;
      sent += more.size();
      state = Put(unread);
      unread.erase(0, consumed_);
    }
    ASSERT_EQ(state, State::kRefused) << start;
    EXPECT_LE(sent, 16 * 1024 + 6U) << start;
  }
}

}  // namespace
}  // namespace serverspace::server
