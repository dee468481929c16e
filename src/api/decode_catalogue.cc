#include "api/decode.h"
#include "api/json_reader.h"

namespace serverspace::api {
namespace {

constexpr Field<SshKey> kSshKeyFields[] = {
    {"id", Id<&SshKey::id>, kRequired},
    {"name", Text<&SshKey::name>},
};

constexpr Field<AffinityGroup> kAffinityGroupFields[] = {
    {"id", Id<&AffinityGroup::id>, kRequired},
    {"name", Text<&AffinityGroup::name>},
    {"location_id", Id<&AffinityGroup::location>},
    {"affinity", Flag<&AffinityGroup::together>},
    {"server_ids", Length<&AffinityGroup::servers>},
};

constexpr Field<Location> kLocationFields[] = {
    {"id", Id<&Location::id>, kRequired},
    {"system_volume_min", Mib<&Location::system_volume_min_bytes>},
    {"windows_system_volume_min",
     Mib<&Location::windows_system_volume_min_bytes>},
    {"additional_volume_min", Mib<&Location::additional_volume_min_bytes>},
    {"volume_max", Mib<&Location::volume_max_bytes>},
    {"bandwidth_min", Megabits<&Location::bandwidth_min_bytes_per_second>},
    {"bandwidth_max", Megabits<&Location::bandwidth_max_bytes_per_second>},
    {"cpu_quantity_options", Counts<&Location::cpu_cores_options>},
    {"ram_size_options", Mibs<&Location::memory_bytes_options>},
};

constexpr Field<Image> kImageFields[] = {
    {"id", Id<&Image::id>, kRequired},
    {"location_id", Id<&Image::location>, kRequired},
};

}  // namespace

Result<std::vector<SshKey>> ReadSshKeys(Answer answer, Drift& drift) {
  return ReadList<kSshKeyFields>(
      std::move(answer),
      {.route = "/ssh-keys", .wrapper = "ssh_keys", .other_wrapper = "ssh_key"},
      &drift);
}

Result<std::vector<AffinityGroup>> ReadAffinityGroups(Answer answer,
                                                      Drift& drift) {
  return ReadList<kAffinityGroupFields>(
      std::move(answer),
      {.route = "/affinity-groups", .wrapper = "affinity_groups"}, &drift);
}

Result<std::vector<Location>> ReadLocations(Answer answer, Drift& drift) {
  return ReadList<kLocationFields>(
      std::move(answer), {.route = "/locations", .wrapper = "locations"},
      &drift);
}

Result<std::vector<Image>> ReadImages(Answer answer, Drift& drift) {
  return ReadList<kImageFields>(
      std::move(answer), {.route = "/images", .wrapper = "images"}, &drift);
}

}  // namespace serverspace::api
