#include "simulator/catalogue.h"

#include <algorithm>

namespace serverspace::sim {
namespace {

constexpr Image kImages[] = {
    {"Debian-12-X64", "Debian", "12", true},
    {"Ubuntu-24.04-X64", "Ubuntu", "24.04", true},
    {"Rocky-9-X64", "Rocky", "9", true},
    {"Windows-Server 2022-X64", "Windows", "Server 2022", false},
};

}  // namespace

std::span<const Image> Images() { return kImages; }

const Image* FindImage(std::string_view id) {
  const auto* const found =
      std::find_if(std::begin(kImages), std::end(kImages),
                   [&](const Image& image) { return image.id == id; });
  return found == std::end(kImages) ? nullptr : found;
}

std::string_view WhyNotConfiguration(std::int64_t cpu, std::int64_t ram_mb) {
  if (std::find(std::begin(kCpuOptions), std::end(kCpuOptions), cpu) ==
          std::end(kCpuOptions) ||
      std::find(std::begin(kRamOptions), std::end(kRamOptions), ram_mb) ==
          std::end(kRamOptions)) {
    return "Combination of CPU and RAM is not supported";
  }
  return {};
}

std::string_view WhyNotVolume(std::int64_t size_mb, bool system,
                              std::string_view image_id) {
  const std::int64_t system_min = image_id.starts_with("Windows")
                                      ? kWindowsVolumeMinMb
                                      : kSystemVolumeMinMb;
  if (size_mb > kVolumeMaxMb) return "Volume size is over the limit";
  if (size_mb < (system ? system_min : kVolumeStepMb))
    return "Volume size is too small";
  if (size_mb % kVolumeStepMb != 0 && !(system && size_mb == system_min))
    return "Volume size is not supported";
  return {};
}

}  // namespace serverspace::sim
