#include "app/notices.h"

#include <chrono>

#include <gtest/gtest.h>

namespace serverspace::app {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow(1'700'000'000s);

TEST(NoticesTest, SayNothingWhereAllIsWell) {
  EXPECT_TRUE(MakeNotices({}, {}, true, {.persistent = true}, kNow).empty());
  EXPECT_TRUE(MakeNotices({}, {}, false, {.persistent = false}, kNow).empty());
}

TEST(NoticesTest, TellOfARefusedReloadAndOfAStateThatIsNotKept) {
  const auto notices =
      MakeNotices(kNow - 5min, {}, true, {.persistent = false}, kNow);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_EQ(notices[0].health, server::Health::kWarning);
  EXPECT_TRUE(notices[0].text.starts_with(
      "configuration: the last reload was refused, 5 min ago; "));
  EXPECT_TRUE(notices[1].text.starts_with("state: its file cannot be written"));
}

TEST(NoticesTest, TellOfAWebConfigurationThatCannotBeUsed) {
  const auto notices =
      MakeNotices({}, kNow - 5min, true, {.persistent = true}, kNow);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_TRUE(notices[0].text.starts_with(
      "web configuration: it or its certificate was changed, 5 min ago, and "));
}

}  // namespace
}  // namespace serverspace::app
