#include "api/decode.h"

#include "api/json_reader.h"
#include "api/states.h"

namespace serverspace::api {
namespace {

constexpr Field<Project> kProjectFields[] = {
    {"id", Id<&Project::id>, kRequired},
    {"balance", Amount<&Project::balance>, kRequired},
    {"currency", Text<&Project::currency>, kRequired},
    {"state", Word<&Project::state, kProjectStates>, kExpected},
    {"created", Time<&Project::created>, kExpected},
};

constexpr Field<Volume> kVolumeFields[] = {
    {"id", Id<&Volume::id>, kRequired},
    {"name", Text<&Volume::name>},
    {"size_mb", Mib<&Volume::size_bytes>, kExpected},
};

constexpr Field<Nic> kNicFields[] = {
    {"id", Id<&Nic::id>, kRequired},
    {"network_id", Id<&Nic::network_id>},
    {"network_type", Word<&Nic::network_type, kNetworkTypes>},
    {"mac", Text<&Nic::mac>},
    {"ip_address", Text<&Nic::ip_address>},
    {"bandwidth_mbps", Megabits<&Nic::bandwidth_bytes_per_second>},
};

constexpr Field<Application> kApplicationFields[] = {
    {"id", Id<&Application::id>, kRequired},
    {"state", Word<&Application::state, kApplicationStates>, kExpected},
};

constexpr Field<Server> kServerFields[] = {
    {"id", Id<&Server::id>, kRequired},
    {"name", Text<&Server::name>},
    {"location_id", Id<&Server::location>},
    {"image_id", Id<&Server::image>},
    {"affinity_group_id", Id<&Server::affinity_group_id>},
    {"tags", Texts<&Server::tags>},
    {"state", Word<&Server::state, kServerStates>, kExpected},
    {"is_power_on", Flag<&Server::power_on>, kExpected},
    {"cpu", Count<&Server::cpu_cores>, kExpected},
    {"ram_mb", Mib<&Server::memory_bytes>, kExpected},
    {"created", Time<&Server::created>, kExpected},
    {"volumes", List<&Server::volumes, kVolumeFields>},
    {"nics", List<&Server::nics, kNicFields>},
    {"application_installations",
     List<&Server::applications, kApplicationFields>},
};

struct ApiError {
  std::optional<std::int64_t> number;
};

constexpr Field<ApiError> kErrorFields[] = {
    {"code", Integer<&ApiError::number>},
};

// A real envelope is far smaller, and the rest is not worth the time.
constexpr std::size_t kMaxErrorBytes = 65'536;

}  // namespace

Result<Project> ReadProject(Answer answer, Drift& drift) {
  return ReadObject<kProjectFields>(std::move(answer), {"/project", "project"},
                                    &drift);
}

Result<std::vector<Server>> ReadServers(Answer answer, Drift& drift) {
  return ReadList<kServerFields>(std::move(answer),
                                 {"/servers", "servers", EmptyObject::kIsError},
                                 &drift);
}

std::optional<std::int64_t> ReadErrorNumber(std::string body) {
  if (body.size() > kMaxErrorBytes) return std::nullopt;
  const auto errors =
      ReadList<kErrorFields>(std::move(body), {"", "errors"}, nullptr);
  if (!errors.ok() || errors.value().empty()) return std::nullopt;
  return errors.value().front().number;
}

}  // namespace serverspace::api
