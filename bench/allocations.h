#pragma once

#include <cstddef>

namespace serverspace::bench {

/// What the program has taken from the heap with `new`, as the heap counts it.
/// A program that links this has `new` and `delete` of its own. Threads may
/// share it.
class Allocations {
 public:
  static std::size_t InUse();
  /// The most that was in use since the last restart.
  static std::size_t Peak();
  static void RestartPeak();
};

}  // namespace serverspace::bench
