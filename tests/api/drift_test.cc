#include "api/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/recording_observer.h"

namespace serverspace::api {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class DriftTest : public testing::Test {
 protected:
  RecordingObserver observer_;
  Drift drift_{observer_};
};

TEST_F(DriftTest, PassesAWordAndReportsEachTime) {
  EXPECT_EQ(drift_.UnknownWord("servers.state", "melting"), "melting");
  EXPECT_EQ(drift_.UnknownWord("servers.state", "melting"), "melting");
  EXPECT_THAT(observer_.unknown(),
              ElementsAre("servers.state", "servers.state"));
}

TEST_F(DriftTest, ReplacesWordsBeyondTheBoundOfTheirField) {
  for (char c = 'a'; c < 'a' + 8; ++c) {
    const std::string word(3, c);
    EXPECT_EQ(drift_.UnknownWord("servers.state", word), word);
  }
  EXPECT_EQ(drift_.UnknownWord("servers.state", "iii"), "other");
  EXPECT_EQ(drift_.UnknownWord("servers.state", "aaa"), "aaa");
  EXPECT_EQ(drift_.UnknownWord("project.state", "iii"), "iii");
  EXPECT_THAT(observer_.unknown(), SizeIs(11));
}

TEST_F(DriftTest, RemembersTheWordsByField) {
  EXPECT_TRUE(drift_.unknown_words().empty());
  drift_.UnknownWord("servers.state", "melting");
  drift_.UnknownWord("servers.state", "melting");
  drift_.UnknownWord("project.state", "asleep");
  EXPECT_EQ(drift_.unknown_words(),
            (Drift::Words{{"project.state", {"asleep"}},
                          {"servers.state", {"melting"}}}));
}

TEST_F(DriftTest, ClipsALongWordBetweenCharacters) {
  EXPECT_EQ(drift_.UnknownWord("f", std::string(100, 'x')),
            std::string(64, 'x'));
  // Two bytes each: the 64th byte is the end of one, the next one's is not.
  EXPECT_EQ(
      drift_.UnknownWord("f", "y" + std::string(50, 'x') +
                                  "\u0439\u0439\u0439\u0439\u0439"
                                  "\u0439\u0439\u0439\u0439"),
      "y" + std::string(50, 'x') + "\u0439\u0439\u0439\u0439\u0439\u0439");
}

}  // namespace
}  // namespace serverspace::api
