#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace serverspace::collectors {

/// Remembers since when things are as they are, for the API tells only how they
/// are. One per project; runs of different collectors may share it.
class FirstSeen {
 public:
  struct Item {
    std::string_view id;
    std::string_view state;
  };

  FirstSeen() = default;
  FirstSeen(const FirstSeen&) = delete;
  FirstSeen& operator=(const FirstSeen&) = delete;
  virtual ~FirstSeen() = default;

  /// `items` are all things of this `kind` that exist now. Answers, in their
  /// order, when each was first seen in its present state: never before the
  /// true change. What is not among them any more is forgotten.
  virtual std::vector<WallTime> Observe(std::string_view kind,
                                        std::span<const Item> items) = 0;
};

}  // namespace serverspace::collectors
