#include <algorithm>
#include <cstdint>
#include <optional>

#include "collectors/collector.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kLocations = {"serverspace_locations",
                             Type::kGauge,
                             "Number of locations that take orders.",
                             {}};
constexpr Desc kVolumeMin = {
    "serverspace_location_volume_min_bytes",
    Type::kGauge,
    "Smallest size of a volume in the location, by kind of volume.",
    {"location", "kind"}};
constexpr Desc kVolumeMax = {"serverspace_location_volume_max_bytes",
                             Type::kGauge,
                             "Largest size of a volume in the location.",
                             {"location"}};
constexpr Desc kBandwidthMin = {
    "serverspace_location_bandwidth_min_bytes_per_second",
    Type::kGauge,
    "Smallest bandwidth limit to be had in the location.",
    {"location"}};
constexpr Desc kBandwidthMax = {
    "serverspace_location_bandwidth_max_bytes_per_second",
    Type::kGauge,
    "Largest bandwidth limit to be had in the location.",
    {"location"}};
constexpr Desc kCpuMax = {"serverspace_location_cpu_max_cores",
                          Type::kGauge,
                          "Most CPU cores of a server in the location.",
                          {"location"}};
constexpr Desc kMemoryMax = {"serverspace_location_memory_max_bytes",
                             Type::kGauge,
                             "Most memory of a server in the location.",
                             {"location"}};

constexpr const Desc* kDescs[] = {&kLocations,    &kVolumeMin,    &kVolumeMax,
                                  &kBandwidthMin, &kBandwidthMax, &kCpuMax,
                                  &kMemoryMax};

std::optional<std::int64_t> Largest(const std::vector<std::int64_t>& options) {
  if (options.empty()) return std::nullopt;
  return std::ranges::max(options);
}

void AddLocation(const api::Location& location, metrics::SampleSet& out) {
  const auto add = [&](const Desc& desc, std::optional<std::int64_t> value) {
    if (value) out.Add(desc, {location.id}, *value);
  };
  const auto add_min = [&](std::string_view kind,
                           std::optional<std::int64_t> value) {
    if (value) out.Add(kVolumeMin, {location.id, kind}, *value);
  };
  add_min("system", location.system_volume_min_bytes);
  add_min("windows_system", location.windows_system_volume_min_bytes);
  add_min("additional", location.additional_volume_min_bytes);
  add(kVolumeMax, location.volume_max_bytes);
  add(kBandwidthMin, location.bandwidth_min_bytes_per_second);
  add(kBandwidthMax, location.bandwidth_max_bytes_per_second);
  add(kCpuMax, Largest(location.cpu_cores_options));
  add(kMemoryMax, Largest(location.memory_bytes_options));
}

class LocationsCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListLocations(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Location>& locations = answer.value();
    for (const api::Location& location : locations) AddLocation(location, out);
    out.Add(kLocations, {}, locations.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeLocationsCollector() {
  return std::make_unique<LocationsCollector>();
}

}  // namespace serverspace::collectors
