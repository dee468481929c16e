#include "exporter/first_seen_book.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace serverspace::exporter {
namespace {

using Item = collectors::FirstSeen::Item;
using namespace std::chrono_literals;

class FirstSeenBookTest : public testing::Test {
 protected:
  std::vector<WallTime> See(std::vector<Item> items,
                            std::string_view kind = "server") {
    return book_.Observe(kind, items);
  }

  FakeClock clock_;
  const WallTime start_ = clock_.Wall();
  FirstSeenBook book_{clock_};
};

TEST_F(FirstSeenBookTest, BeginsWhenAThingIsFirstSeen) {
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"b", "new"}, {"a", "new"}}),
            (std::vector{start_ + 1min, start_}));
}

TEST_F(FirstSeenBookTest, MovesOnlyWhenTheStateChanges) {
  See({{"a", "new"}});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "active"}}), std::vector{start_ + 1min});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "active"}}), std::vector{start_ + 1min});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_ + 3min});
}

TEST_F(FirstSeenBookTest, ForgetsWhatIsGone) {
  See({{"a", "new"}, {"b", "new"}});
  See({{"b", "new"}});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "new"}, {"b", "new"}}),
            (std::vector{start_ + 1min, start_}));
}

TEST_F(FirstSeenBookTest, KeepsKindsApart) {
  See({{"a", "new"}}, "server");
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "new"}}, "gateway"), std::vector{start_ + 1min});
  EXPECT_EQ(See({}, "gateway"), std::vector<WallTime>());
  EXPECT_EQ(See({{"a", "new"}}, "server"), std::vector{start_});
}

TEST_F(FirstSeenBookTest, TakesTheFirstOfTwoItemsWithOneId) {
  EXPECT_EQ(See({{"a", "new"}, {"a", "busy"}}), (std::vector{start_, start_}));
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "new"}, {"a", "busy"}}), (std::vector{start_, start_}));
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "busy"}, {"a", "new"}}),
            (std::vector{start_ + 2min, start_ + 2min}));
}

TEST_F(FirstSeenBookTest, IsNotMovedByJumpsOfTheCalendar) {
  See({{"a", "new"}});
  clock_.JumpWall(-24h);
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_});
  clock_.JumpWall(48h);
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_});
}

TEST_F(FirstSeenBookTest, TakesAnEmptyStateForAState) {
  See({{"a", ""}});
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", ""}}), std::vector{start_});
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_ + 1min});
}

TEST_F(FirstSeenBookTest, OwnsWhatItRemembers) {
  {
    const std::string id = "a long id that is surely not stored in place";
    const std::string state = "a long state that is not stored in place";
    See({{id, state}});
  }
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a long id that is surely not stored in place",
                  "a long state that is not stored in place"}}),
            std::vector{start_});
}

TEST_F(FirstSeenBookTest, IsSharedByThreads) {
  {
    std::jthread servers([&] {
      for (int i = 0; i < 1000; ++i) See({{"a", "new"}}, "server");
    });
    std::jthread gateways([&] {
      for (int i = 0; i < 1000; ++i) See({{"b", "new"}}, "gateway");
    });
  }
  clock_.Advance(1min);
  EXPECT_EQ(See({{"a", "new"}}, "server"), std::vector{start_});
  EXPECT_EQ(See({{"b", "new"}}, "gateway"), std::vector{start_});
}

}  // namespace
}  // namespace serverspace::exporter
