#include "server/http_query.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ParseQueryTest, ReadsPairsInOrder) {
  const struct {
    std::string_view text;
    Pairs pairs;
  } kCases[] = {
      {"", {}},
      {"a=1", {{"a", "1"}}},
      {"a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"=x", {{"", "x"}}},
      {"&&a=1&&", {{"a", "1"}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a=x+y", {{"a", "x y"}}},
      {"a=x%2By", {{"a", "x+y"}}},
      {"collect%5B%5D=servers", {{"collect[]", "servers"}}},
      {"collect[]=servers", {{"collect[]", "servers"}}},
      {"a=%26%3d", {{"a", "&="}}},
      {"a=%c3%A9", {{"a", "\xC3\xA9"}}},
      {"a=/?", {{"a", "/?"}}},
  };
  for (const auto& test : kCases) {
    const auto query = ParseQuery(test.text);
    ASSERT_TRUE(query.ok()) << test.text;
    EXPECT_EQ(query.value().pairs(), test.pairs) << test.text;
  }
}

TEST(ParseQueryTest, RefusesWhatHasNoClearMeaning) {
  for (const std::string_view text :
       {"a=%", "a=%4", "a=%zz", "%=1", "a=%4g", "a=%00", "a=%0a", "a=%7F",
        "a=%ff", "a=%c3", "a=%C0%80"}) {
    const auto query = ParseQuery(text);
    ASSERT_FALSE(query.ok()) << text;
    EXPECT_EQ(query.error().code, ErrorCode::kInvalidInput) << text;
  }
}

TEST(ParseQueryTest, LimitsTheNumberOfPairs) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a&";
  EXPECT_TRUE(ParseQuery(text).ok());
  EXPECT_FALSE(ParseQuery(text + "a").ok());
}

TEST(QueryTest, FindsAllOfAName) {
  const auto query = ParseQuery("a=1&b=2&a=3");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query.value().All("a"), (std::vector<std::string_view>{"1", "3"}));
  EXPECT_TRUE(query.value().All("c").empty());
}

TEST(DecodePathTest, Decodes) {
  const struct {
    std::string_view text;
    std::string_view path;
  } kCases[] = {
      {"/", "/"},       {"/metrics", "/metrics"}, {"/%6detrics", "/metrics"},
      {"/a+b", "/a+b"}, {"/a%20b", "/a b"},
  };
  for (const auto& test : kCases) {
    const auto path = DecodePath(test.text);
    ASSERT_TRUE(path.ok()) << test.text;
    EXPECT_EQ(path.value(), test.path);
  }
}

TEST(DecodePathTest, RefusesWhatAProxyMayReadOtherwise) {
  for (const std::string_view text :
       {"/a%2Fb", "/a%2fb", "/%", "/%1", "/a%00", "/a%0d%0ab", "/%ff"}) {
    EXPECT_FALSE(DecodePath(text).ok()) << text;
  }
}

}  // namespace
}  // namespace serverspace::server
