#pragma once

#include <map>
#include <mutex>
#include <set>
#include <span>
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

  /// A word lower-cased, as it may be used for a label. One that is not among
  /// `known` is reported and clipped; when too many different ones have come in
  /// `field`, it is `other`.
  std::string Word(std::string_view field, std::string_view word,
                   std::span<const std::string_view> known);

  void BadItem(std::string_view field) { observer_.OnBadItem(field); }

 private:
  Observer& observer_;
  std::mutex mutex_;  // guards unknown_
  std::map<std::string, std::set<std::string>, std::less<>> unknown_;
};

}  // namespace serverspace::api
