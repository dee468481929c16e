#include "exporter/first_seen_book.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "exporter/fake_state_store.h"

namespace serverspace::exporter {
namespace {

using Item = collectors::FirstSeen::Item;
using namespace std::chrono_literals;

class FirstSeenBookTest : public testing::Test {
 protected:
  std::vector<WallTime> See(std::vector<Item> items,
                            std::string_view kind = "server") {
    return book_->Observe(kind, items);
  }
  void Restart() {
    book_ = std::make_unique<FirstSeenBook>("prod", store_, clock_);
  }

  FakeClock clock_;
  const WallTime start_ = clock_.Wall();
  FakeStateStore store_;
  std::unique_ptr<FirstSeenBook> book_ =
      std::make_unique<FirstSeenBook>("prod", store_, clock_);
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

TEST_F(FirstSeenBookTest, GoesOnAfterARestart) {
  See({{"a", "new"}, {"b", "busy"}});
  See({{"a", ""}}, "gateway");
  clock_.Advance(1h);
  Restart();
  // b changed meanwhile, c came: both are known from now on only.
  EXPECT_EQ(See({{"c", "new"}, {"a", "new"}, {"b", "active"}}),
            (std::vector{start_ + 1h, start_, start_ + 1h}));
  EXPECT_EQ(See({{"a", ""}}, "gateway"), std::vector{start_});
}

TEST_F(FirstSeenBookTest, LoadsItsOwnProjectOnly) {
  See({{"a", "new"}});
  clock_.Advance(1h);
  FirstSeenBook other("other", store_, clock_);
  const std::vector<Item> items = {{"a", "new"}};
  EXPECT_EQ(other.Observe("server", items), std::vector{start_ + 1h});
}

TEST_F(FirstSeenBookTest, SavesOnlyWhatChanged) {
  See({});
  EXPECT_EQ(store_.first_seen_saves(), 0);
  See({{"a", "new"}, {"b", "new"}});
  EXPECT_EQ(store_.first_seen_saves(), 1);
  clock_.Advance(1min);
  See({{"b", "new"}, {"a", "new"}});
  EXPECT_EQ(store_.first_seen_saves(), 1);
  See({{"b", "new"}});
  EXPECT_EQ(store_.first_seen_saves(), 2);
  See({});
  See({});
  EXPECT_EQ(store_.first_seen_saves(), 3);
  EXPECT_TRUE(store_.LoadFirstSeen("prod").empty());
}

TEST_F(FirstSeenBookTest, RoundsUpToWhatIsSaved) {
  clock_.Advance(1ns);
  EXPECT_EQ(See({{"a", "new"}}), std::vector{start_ + 1ms});
}

// Against a plain account of the same, over lists in no constant order.
TEST_F(FirstSeenBookTest, FollowsAnyHistory) {
  std::mt19937 random(5);
  std::map<std::string, std::pair<std::string, WallTime>> account;
  for (int round = 0; round < 300; ++round) {
    clock_.Advance(1s);
    std::vector<std::string> ids;
    for (int i = 0; i < 30; ++i) {
      if (random() % 4 != 0) ids.push_back("id" + std::to_string(i));
    }
    std::ranges::shuffle(ids, random);
    std::vector<Item> items;
    std::vector<WallTime> expected;
    std::map<std::string, std::pair<std::string, WallTime>> next;
    for (const std::string& id : ids) {
      const char* state = random() % 5 == 0 ? "busy" : "active";
      items.push_back({id, state});
      const auto known = account.find(id);
      const bool stayed =
          known != account.end() && known->second.first == state;
      next[id] = {state, stayed ? known->second.second : clock_.Wall()};
      expected.push_back(next[id].second);
    }
    account = next;
    ASSERT_EQ(See(items), expected) << "round " << round;
    if (round % 50 == 0) Restart();
  }
}

}  // namespace
}  // namespace serverspace::exporter
