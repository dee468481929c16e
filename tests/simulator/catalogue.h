#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "simulator/model.h"

namespace serverspace::sim {

struct Image {
  std::string_view id;
  std::string_view type;
  std::string_view os_version;
  bool allow_ssh_keys;
};

// What a location sells; the same everywhere (API reference 2.12).
inline constexpr int kCpuOptions[] = {1, 2, 4, 8, 16};
inline constexpr std::int64_t kRamOptions[] = {1024, 2048,  4096,
                                               8192, 16384, 32768};
inline constexpr std::int64_t kVolumeStepMb = 10240;
inline constexpr std::int64_t kSystemVolumeMinMb = 25600;
inline constexpr std::int64_t kWindowsVolumeMinMb = 40960;
inline constexpr std::int64_t kVolumeMaxMb = 512000;
inline constexpr std::int64_t kBandwidthMinMbps = 50;
inline constexpr std::int64_t kBandwidthMaxMbps = 200;

std::span<const Image> Images();
const Image* FindImage(std::string_view id);

/// What is wrong with such an order; empty if nothing.
std::string_view WhyNotConfiguration(std::int64_t cpu, std::int64_t ram_mb);
std::string_view WhyNotVolume(std::int64_t size_mb, bool system,
                              std::string_view image_id);

}  // namespace serverspace::sim
