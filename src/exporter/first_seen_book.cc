#include "exporter/first_seen_book.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace serverspace::exporter {
namespace {

const SeenThing* Find(const std::vector<SeenThing>& things,
                      std::string_view id) {
  const auto place = std::ranges::lower_bound(
      things, id, {},
      [](const SeenThing& thing) { return std::string_view(thing.id); });
  return place != things.end() && place->id == id ? &*place : nullptr;
}

}  // namespace

FirstSeenBook::FirstSeenBook(std::string project, StateStore& store,
                             const Clock& clock)
    : project_(std::move(project)),
      store_(store),
      clock_(clock),
      kinds_(store.LoadFirstSeen(project_)) {}

std::vector<WallTime> FirstSeenBook::Observe(std::string_view kind,
                                             std::span<const Item> items) {
  // Rounded as it will be saved, so that a restart changes no value, and up, so
  // that it is never before the true change.
  const WallTime now =
      std::chrono::ceil<std::chrono::milliseconds>(clock_.Wall());

  std::lock_guard lock(mutex_);
  const auto known = kinds_.find(kind);
  static const std::vector<SeenThing> kNone;
  const std::vector<SeenThing>& before =
      known == kinds_.end() ? kNone : *known->second;

  // What is gone is forgotten by not being carried over.
  std::vector<SeenThing> after;
  after.reserve(items.size());
  for (const Item& item : items) {
    const SeenThing* same = Find(before, item.id);
    const bool stayed = same != nullptr && same->state == item.state;
    after.push_back({std::string(item.id), std::string(item.state),
                     stayed ? same->since : now});
  }
  // Of several items with one id the first counts.
  std::ranges::stable_sort(after, {}, &SeenThing::id);
  after.erase(std::unique(after.begin(), after.end(),
                          [](const SeenThing& a, const SeenThing& b) {
                            return a.id == b.id;
                          }),
              after.end());

  std::vector<WallTime> since;
  since.reserve(items.size());
  for (const Item& item : items) since.push_back(Find(after, item.id)->since);

  if (after == before) return since;
  if (after.empty()) {
    kinds_.erase(known);
  } else {
    kinds_.insert_or_assign(
        std::string(kind),
        std::make_shared<const std::vector<SeenThing>>(std::move(after)));
  }
  store_.SaveFirstSeen(project_, kinds_);
  return since;
}

}  // namespace serverspace::exporter
