#include "config/suggest.h"

#include <vector>

#include <gtest/gtest.h>

namespace serverspace::config {
namespace {

const std::vector<std::string> kWords = {"timeout", "ca_file", "proxy_url"};

TEST(SuggestTest, FindsTheNearestWord) {
  EXPECT_EQ(Suggest("timeot", kWords), ": did you mean \"timeout\"?");
  EXPECT_EQ(Suggest("Timeout", kWords), ": did you mean \"timeout\"?");
  EXPECT_EQ(Suggest("cafile", kWords), ": did you mean \"ca_file\"?");
  EXPECT_EQ(Suggest("proxy-url", kWords), ": did you mean \"proxy_url\"?");
}

TEST(NearestTest, IsTheWordOrNothing) {
  EXPECT_EQ(Nearest("timeot", kWords), "timeout");
  EXPECT_EQ(Nearest("colour", kWords), std::nullopt);
}

TEST(SuggestTest, ListsTheWordsWhereNoneIsNear) {
  EXPECT_EQ(Suggest("colour", kWords),
            "; known here: timeout, ca_file, proxy_url");
  EXPECT_EQ(Suggest("", kWords), "; known here: timeout, ca_file, proxy_url");
}

TEST(SuggestTest, PrefersTheFirstOfEquallyNearWords) {
  EXPECT_EQ(Suggest("ac", std::vector<std::string>{"ab", "ad"}),
            ": did you mean \"ab\"?");
}

TEST(SuggestTest, LooksAtTheStartOfAnEndlessWordOnly) {
  EXPECT_EQ(Suggest(std::string(1'000'000, 'x'), kWords),
            "; known here: timeout, ca_file, proxy_url");
}

}  // namespace
}  // namespace serverspace::config
