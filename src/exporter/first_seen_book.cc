#include "exporter/first_seen_book.h"

#include <utility>

namespace serverspace::exporter {

std::vector<WallTime> FirstSeenBook::Observe(std::string_view kind,
                                             std::span<const Item> items) {
  const WallTime now = clock_.Wall();
  std::vector<WallTime> since;
  since.reserve(items.size());

  std::lock_guard lock(mutex_);
  Entries& before = kinds_.try_emplace(std::string(kind)).first->second;
  // What is gone is forgotten by not being carried over. Entries move as nodes,
  // so a list that did not change copies nothing.
  Entries after;
  after.reserve(items.size());
  for (const Item& item : items) {
    const std::string id(item.id);
    auto node = before.extract(id);
    if (node.empty()) {
      // A second item of the same id in one list was moved already.
      const auto [place, inserted] =
          after.try_emplace(id, Entry{std::string(item.state), now});
      since.push_back(place->second.since);
      continue;
    }
    Entry& entry = node.mapped();
    if (entry.state != item.state) entry = {std::string(item.state), now};
    since.push_back(entry.since);
    after.insert(std::move(node));
  }
  before = std::move(after);
  return since;
}

}  // namespace serverspace::exporter
