#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "api/observer.h"

namespace serverspace::api {

/// Where answers differ from what the API reference says: words that nobody
/// knew and items that could not be read. One per process, since its bound on
/// unknown words is one of label values. Threads may share it.
class Drift {
 public:
  static constexpr std::size_t kMaxUnknownPerField = 8;
  static constexpr std::size_t kMaxWordBytes = 64;

  /// `observer` must outlive the drift.
  explicit Drift(Observer& observer) : observer_(observer) {}
  Drift(const Drift&) = delete;
  Drift& operator=(const Drift&) = delete;

  /// Reports a word that is none of the known ones of `field` and gives it as
  /// it may be used for a label: clipped, and `other` when too many different
  /// ones have come.
  std::string UnknownWord(std::string_view field, std::string_view word);

  /// Those that were reported, as they may be used for a label.
  using Words = std::map<std::string, std::set<std::string>, std::less<>>;
  Words unknown_words() const;

  void BadItem(std::string_view field) { observer_.OnBadItem(field); }

 private:
  Observer& observer_;
  mutable std::mutex mutex_;  // guards unknown_
  Words unknown_;
};

}  // namespace serverspace::api
