#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "collectors/inventory.h"
#include "server/http_message.h"
#include "server/sd_targets.h"

namespace serverspace::server {

/// One answer of service discovery. Immutable.
class SdPage {
 public:
  SdPage(std::string text, std::map<std::string, std::size_t> skipped);
  SdPage(const SdPage&) = delete;
  SdPage& operator=(const SdPage&) = delete;

  std::string_view text() const { return text_; }
  const std::string& entity_tag() const { return entity_tag_; }
  const std::map<std::string, std::size_t>& skipped() const { return skipped_; }

  static Body AsBody(std::shared_ptr<const SdPage> page);

 private:
  const std::string text_;
  const std::array<std::string_view, 1> parts_;
  const std::string entity_tag_;
  const std::map<std::string, std::size_t> skipped_;
};

/// The last answers, so that one that would be the same need not be made again:
/// it is made of lists that never change, and a list without news stays the
/// same object. Bounded in number and bytes, whatever is asked for. Threads may
/// share one.
class SdCache {
 public:
  using Page = std::shared_ptr<const SdPage>;
  struct Limits {
    std::size_t pages = 32;
    /// Of all but the newest, which is kept whatever its size.
    std::size_t bytes = 64UL * 1024 * 1024;
    /// What nobody asked for so long goes.
    Duration idle = std::chrono::hours(1);
  };

  /// `clock` outlives it.
  explicit SdCache(const Clock& clock) : SdCache(clock, Limits()) {}
  SdCache(const Clock& clock, const Limits& limits);

  /// The page that was put for the same question and the same lists; else null.
  Page Find(const SdFilter& filter, const ServerListsOfAll& projects);
  /// Takes the place of an older one for the same question.
  void Put(const SdFilter& filter, const ServerListsOfAll& projects, Page page);

  /// By project the servers that an answer left out; where answers to several
  /// questions did, the most that one did.
  std::map<std::string, std::size_t> Skipped();

 private:
  /// What a page was made of. Weak, so that no old list is kept alive; a list's
  /// place is not given to another one meanwhile.
  struct Source {
    std::string project;
    std::vector<std::weak_ptr<const std::vector<collectors::InventoryServer>>>
        lists;
  };
  struct Entry {
    SdFilter filter;
    std::vector<Source> sources;
    Page page;
    MonoTime last_used;
  };

  static bool IsMadeOf(const Entry& entry, const ServerListsOfAll& projects);
  void Trim();  // with mutex_ held

  const Clock& clock_;
  const Limits limits_;
  std::mutex mutex_;            // guards entries_
  std::vector<Entry> entries_;  // the last used one last
};

}  // namespace serverspace::server
