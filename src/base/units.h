#pragma once

#include <cstdint>

namespace serverspace {

/// What the API calls MB is MiB, and its Mbit/s are decimal (API
/// reference 1.4).
inline constexpr std::int64_t kBytesPerMib = 1'048'576;
inline constexpr std::int64_t kBytesPerMegabit = 125'000;

}  // namespace serverspace
