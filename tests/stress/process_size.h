#pragma once

#include <cstddef>

namespace serverspace::stress {

/// What this process takes of the machine now.
struct ProcessSize {
  std::size_t memory_bytes = 0;  ///< Resident.
  std::size_t descriptors = 0;
  std::size_t threads = 0;

  static ProcessSize Now();
};

}  // namespace serverspace::stress
