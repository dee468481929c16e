#include "server/sd_filter.h"

#include <gtest/gtest.h>

namespace serverspace::server {
namespace {

using Network = SdFilter::Network;

TEST(ParseSdFilterTest, ReadsEveryParameter) {
  const auto filter = ParseSdFilter(
      "port=9182&network=private&project=a&project=b%20c&tag=web&tag=prod&"
      "powered=on");
  ASSERT_TRUE(filter.ok());
  EXPECT_EQ(filter.value(), (SdFilter{.port = 9182,
                                      .network = Network::kPrivate,
                                      .projects = {"a", "b c"},
                                      .tags = {"prod", "web"},
                                      .powered_on = true}));
}

TEST(ParseSdFilterTest, WantsAllServersByDefault) {
  const auto filter = ParseSdFilter("");
  ASSERT_TRUE(filter.ok());
  EXPECT_EQ(filter.value(), SdFilter());
  EXPECT_EQ(filter.value().port, 9100);
  EXPECT_EQ(filter.value().network, Network::kPublic);
  EXPECT_FALSE(filter.value().powered_on);
}

TEST(ParseSdFilterTest, IsTheSameQuestionInAnyOrder) {
  EXPECT_EQ(ParseSdFilter("tag=a&tag=b&port=1").value(),
            ParseSdFilter("port=1&tag=b&tag=a&tag=b").value());
}

TEST(ParseSdFilterTest, RefusesWhatHasNoClearMeaning) {
  const struct {
    std::string_view query;
    std::string_view message;
  } kCases[] = {
      {"port=0", "port must be a number from 1 to 65535"},
      {"port=65536", "port must be a number from 1 to 65535"},
      {"port=-1", "port must be a number from 1 to 65535"},
      {"port=", "port must be a number from 1 to 65535"},
      {"port=9100%20", "port must be a number from 1 to 65535"},
      {"port=0x10", "port must be a number from 1 to 65535"},
      {"port=99999999999999999999", "port must be a number from 1 to 65535"},
      {"port=1&port=1", "port may be given once only"},
      {"network=", "network must be public or private"},
      {"network=Public", "network must be public or private"},
      {"network=public&network=private", "network may be given once only"},
      {"powered=off", "powered must be on"},
      {"powered=", "powered must be on"},
      {"powered=on&powered=on", "powered may be given once only"},
      {"tag=", "tag must not be empty"},
      {"tags=web",
       "the query may have port, network, project, tag and powered only"},
      {"Port=1",
       "the query may have port, network, project, tag and powered only"},
      {"<script>",
       "the query may have port, network, project, tag and powered only"},
  };
  for (const auto& test : kCases) {
    const auto filter = ParseSdFilter(test.query);
    ASSERT_FALSE(filter.ok()) << test.query;
    EXPECT_EQ(filter.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(filter.error().message, test.message) << test.query;
  }
  EXPECT_FALSE(ParseSdFilter("tag=%ff").ok());
  EXPECT_FALSE(ParseSdFilter("tag=%0a").ok());
}

}  // namespace
}  // namespace serverspace::server
