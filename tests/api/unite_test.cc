#include "api/unite.h"

#include <algorithm>
#include <compare>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace serverspace::api {
namespace {

struct Item {
  std::string id;
  int value = 0;

  friend auto operator<=>(const Item&, const Item&) = default;
};

struct Placed {
  std::string id;
  std::string place;

  auto Identity() const { return std::tie(id, place); }
  friend auto operator<=>(const Placed&, const Placed&) = default;
};

struct Nameless {
  int value = 0;
};

static_assert(HasIdentity<Item> && HasIdentity<Placed> &&
              !HasIdentity<Nameless>);

TEST(SortAndUniteTest, LeavesTheLeastOfEachWhateverTheOrder) {
  std::vector<Item> items = {{"a", 1}, {"b", 2}, {"b", 3}, {"b", 1}, {"c", 0}};
  const std::vector<Item> expected = {{"a", 1}, {"b", 1}, {"c", 0}};
  std::ranges::sort(items);
  do {
    std::vector<Item> shuffled = items;
    EXPECT_EQ(SortAndUnite(shuffled), 2U);
    EXPECT_EQ(shuffled, expected);
  } while (std::ranges::next_permutation(items).found);
}

TEST(SortAndUniteTest, TellsItemsApartByTheirIdentity) {
  std::vector<Placed> items = {{"x", "b"}, {"x", "a"}, {"x", "b"}};
  EXPECT_EQ(SortAndUnite(items), 1U);
  EXPECT_EQ(items, (std::vector<Placed>{{"x", "a"}, {"x", "b"}}));
}

TEST(SortAndUniteTest, HasNothingToDoWithoutItems) {
  std::vector<Item> none;
  EXPECT_EQ(SortAndUnite(none), 0U);
}

TEST(SortAndUniteTest, SortsAsASortDoes) {
  std::vector<Item> items;
  for (int n = 0; n < 1000; ++n)
    items.push_back({std::to_string(n * 7919 % 1009), n});
  std::vector<Item> sorted = items;
  std::ranges::sort(sorted);
  EXPECT_EQ(SortAndUnite(items), 0U);
  EXPECT_EQ(items, sorted);
}

}  // namespace
}  // namespace serverspace::api
