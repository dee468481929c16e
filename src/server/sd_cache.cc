#include "server/sd_cache.h"

#include <algorithm>
#include <utility>

#include "server/entity_tag.h"

namespace serverspace::server {
namespace {

using Servers = collectors::Inventory::Servers;

bool IsSame(
    const std::weak_ptr<const std::vector<collectors::InventoryServer>>& known,
    const Servers& list) {
  return !known.owner_before(list) && !list.owner_before(known);
}

}  // namespace

SdPage::SdPage(std::string text, std::map<std::string, std::size_t> skipped)
    : text_(std::move(text)),
      parts_{text_},
      entity_tag_(MakeEntityTag(text_)),
      skipped_(std::move(skipped)) {}

Body SdPage::AsBody(std::shared_ptr<const SdPage> page) {
  const SdPage& whole = *page;
  return {.parts = whole.parts_,
          .size_bytes = whole.text_.size(),
          .owner = std::move(page)};
}

SdCache::SdCache(const Clock& clock, const Limits& limits)
    : clock_(clock), limits_(limits) {}

bool SdCache::IsMadeOf(const Entry& entry, const ServerListsOfAll& projects) {
  return std::ranges::equal(
      entry.sources, projects,
      [](const Source& source, const exporter::ServerLists& now) {
        return source.project == now.project &&
               std::ranges::equal(source.lists, now.lists, IsSame);
      });
}

SdCache::Page SdCache::Find(const SdFilter& filter,
                            const ServerListsOfAll& projects) {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, filter, &Entry::filter);
  if (found == entries_.end() || !IsMadeOf(*found, projects)) return nullptr;
  found->last_used = clock_.Mono();
  std::rotate(found, found + 1, entries_.end());
  return entries_.back().page;
}

void SdCache::Put(const SdFilter& filter, const ServerListsOfAll& projects,
                  Page page) {
  Entry entry{.filter = filter,
              .sources = {},
              .page = std::move(page),
              .last_used = clock_.Mono()};
  for (const exporter::ServerLists& lists : projects) {
    Source& source = entry.sources.emplace_back(
        Source{.project = lists.project, .lists = {}});
    source.lists.assign(lists.lists.begin(), lists.lists.end());
  }
  std::lock_guard lock(mutex_);
  std::erase_if(entries_,
                [&](const Entry& old) { return old.filter == filter; });
  entries_.push_back(std::move(entry));
  Trim();
}

std::map<std::string, std::size_t> SdCache::Skipped() {
  std::lock_guard lock(mutex_);
  Trim();
  std::map<std::string, std::size_t> most;
  for (const Entry& entry : entries_) {
    for (const auto& [project, count] : entry.page->skipped())
      most[project] = std::max(most[project], count);
  }
  return most;
}

void SdCache::Trim() {
  const MonoTime now = clock_.Mono();
  std::erase_if(entries_, [&](const Entry& entry) {
    return now - entry.last_used > limits_.idle;
  });
  std::size_t bytes = 0;
  std::size_t kept = 0;
  // From the newest on, as much as there is room for.
  const auto end =
      std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
        if (kept > 0) bytes += entry.page->text().size();
        return ++kept > limits_.pages || bytes > limits_.bytes;
      });
  entries_.erase(entries_.begin(), end.base());
}

}  // namespace serverspace::server
