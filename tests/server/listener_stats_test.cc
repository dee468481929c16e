#include "server/listener_stats.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "server/listener_counters.h"

namespace serverspace::server {
namespace {

TEST(RejectReasonNameTest, EachReasonHasItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i)
    names.insert(RejectReasonName(static_cast<RejectReason>(i)));
  EXPECT_EQ(names.size(), kRejectReasonCount);
}

TEST(ListenerCountersTest, CountsEachReasonByItself) {
  ListenerCounters counters;
  counters.CountAccepted();
  counters.CountRequest();
  counters.CountRequest();
  counters.CountRejected(RejectReason::kHandlerError);
  const ListenerStats stats = counters.Snapshot();
  EXPECT_EQ(stats.accepted, 1U);
  EXPECT_EQ(stats.requests, 2U);
  EXPECT_EQ(stats.Rejected(RejectReason::kHandlerError), 1U);
  EXPECT_EQ(stats.Rejected(RejectReason::kBadRequest), 0U);
}

}  // namespace
}  // namespace serverspace::server
