#include "api/retry.h"

#include <gtest/gtest.h>

#include "base/timestamp.h"

namespace serverspace::api {
namespace {

using namespace std::chrono_literals;

struct RetryAfterCase {
  const char* header;
  const char* date;
  std::optional<Duration> expected;
};

class RetryAfterTest : public testing::TestWithParam<RetryAfterCase> {};

TEST_P(RetryAfterTest, Reads) {
  const auto now = ParseTimestamp("2026-11-20T08:00:00Z");
  ASSERT_TRUE(now);
  EXPECT_EQ(ParseRetryAfter(GetParam().header, GetParam().date, *now),
            GetParam().expected)
      << GetParam().header;
}

INSTANTIATE_TEST_SUITE_P(
    Table, RetryAfterTest,
    testing::Values(
        RetryAfterCase{"0", "", 0s}, RetryAfterCase{"7", "", 7s},
        RetryAfterCase{" 120\t", "", 120s}, RetryAfterCase{"600", "", 10min},
        RetryAfterCase{"601", "", 10min}, RetryAfterCase{"86400", "", 10min},
        RetryAfterCase{"99999999999999999999999", "", 10min},
        RetryAfterCase{"", "", std::nullopt},
        RetryAfterCase{"-1", "", std::nullopt},
        RetryAfterCase{"+1", "", std::nullopt},
        RetryAfterCase{"1.5", "", std::nullopt},
        RetryAfterCase{"soon", "", std::nullopt},
        RetryAfterCase{"7 s", "", std::nullopt},
        RetryAfterCase{"0x10", "", std::nullopt},
        RetryAfterCase{"Fri, 20 Nov 2026 08:00:30 GMT", "", 30s},
        RetryAfterCase{"Fri, 20 Nov 2026 07:59:59 GMT", "", 0s},
        RetryAfterCase{"Thu, 01 Jan 1970 00:00:00 GMT", "", 0s},
        RetryAfterCase{"Fri, 01 Jan 1679 00:00:00 GMT", "", 0s},
        RetryAfterCase{"Fri, 31 Dec 2261 00:00:00 GMT", "", 10min},
        RetryAfterCase{"Fri, 20 Nov 2026 09:00:05 GMT",
                       "Fri, 20 Nov 2026 09:00:00 GMT", 5s},
        RetryAfterCase{"Fri, 20 Nov 2026 08:00:05 GMT", "yesterday", 5s},
        RetryAfterCase{"Fri, 99 Nov 2026 08:00:05 GMT", "", std::nullopt}));

TEST(BackoffTest, IsRandomBelowALimitThatDoubles) {
  Random random(1);
  for (const auto& [retry, limit] :
       {std::pair(1, 500ms), std::pair(2, 1000ms), std::pair(3, 2000ms),
        std::pair(5, 8000ms), std::pair(6, 10'000ms),
        std::pair(99, 10'000ms)}) {
    Duration longest{0};
    for (int n = 0; n < 200; ++n) {
      const Duration pause = Backoff(retry, 500ms, 10s, random);
      EXPECT_GE(pause, 0ms);
      EXPECT_LT(pause, limit);
      longest = std::max(longest, pause);
    }
    EXPECT_GT(longest, limit * 3 / 4) << retry;
  }
}

TEST(BackoffTest, NeverExceedsACapBelowItsBase) {
  Random random(1);
  EXPECT_LT(Backoff(3, 500ms, 100ms, random), 100ms);
}

TEST(IsTransientTest, HoldsForWhatMayPass) {
  EXPECT_TRUE(IsTransient(ErrorCode::kTimeout));
  EXPECT_TRUE(IsTransient(ErrorCode::kNetwork));
  EXPECT_TRUE(IsTransient(ErrorCode::kRateLimited));
  EXPECT_TRUE(IsTransient(ErrorCode::kServerError));
  EXPECT_FALSE(IsTransient(ErrorCode::kTls));
  EXPECT_FALSE(IsTransient(ErrorCode::kAuth));
  EXPECT_FALSE(IsTransient(ErrorCode::kNotFound));
  EXPECT_FALSE(IsTransient(ErrorCode::kBadResponse));
  EXPECT_FALSE(IsTransient(ErrorCode::kCancelled));
  EXPECT_FALSE(IsTransient(ErrorCode::kOther));
}

}  // namespace
}  // namespace serverspace::api
