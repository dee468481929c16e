#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace serverspace::api {

/// What tells the items of a list apart: `Identity()` where an item has it,
/// else its `id`.
template <typename Item>
auto IdentityOf(const Item& item) {
  if constexpr (requires { item.Identity(); }) {
    return item.Identity();
  } else {
    return std::string_view(item.id);
  }
}

/// Items of other types are not told apart, and equal ones are not odd.
template <typename Item>
concept HasIdentity = requires(const Item& item) {
  item.Identity();
}
|| requires(const Item& item) { std::string_view(item.id); };

/// Puts `items` in the order that `order` has of their indices.
template <typename Item>
void Reorder(std::vector<Item>& items, std::vector<std::size_t>& order) {
  for (std::size_t start = 0; start < order.size(); ++start) {
    // Around each circle of places once, so that every item moves once.
    if (order[start] == start) continue;
    Item first = std::move(items[start]);
    std::size_t place = start;
    while (order[place] != start) {
      const std::size_t from = order[place];
      items[place] = std::move(items[from]);
      order[place] = place;
      place = from;
    }
    items[place] = std::move(first);
    order[place] = place;
  }
}

/// Sorts by identity and leaves one of those that have the same: the least of
/// them, whatever their order was. Answers how many went.
template <HasIdentity Item>
std::size_t SortAndUnite(std::vector<Item>& items) {
  const auto same = [](const Item& a, const Item& b) {
    return IdentityOf(a) == IdentityOf(b);
  };
  const auto before = [&](const Item& a, const Item& b) {
    return same(a, b) ? a < b : IdentityOf(a) < IdentityOf(b);
  };
  if (!std::ranges::is_sorted(items, before)) {
    // Items are large, and a sort moves what it sorts many times.
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      return before(items[a], items[b]);
    });
    Reorder(items, order);
  }
  const auto repeated = std::unique(items.begin(), items.end(), same);
  const auto count = static_cast<std::size_t>(items.end() - repeated);
  items.erase(repeated, items.end());
  return count;
}

}  // namespace serverspace::api
