#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/answer.h"
#include "api/drift.h"
#include "api/types.h"
#include "base/result.h"

namespace serverspace::api {

// Answers as structs, one function an endpoint. They take the body over, so
// that it is gone when they return. An answer that is not what the endpoint
// promises is kBadResponse; the text names route and byte and holds nothing of
// the answer.

/// API reference 2.3.
Result<Project> ReadProject(Answer answer, Drift& drift);
/// API reference 2.4. Here `{}` is an error too: an empty project says
/// `{"servers": []}`, and to lose all servers by mistake is the worst mistake.
Result<std::vector<Server>> ReadServers(Answer answer, Drift& drift);

/// API reference 2.8.
Result<std::vector<Network>> ReadNetworks(Answer answer, Drift& drift);
/// API reference 2.9.
Result<std::vector<Gateway>> ReadGateways(Answer answer, Drift& drift);
/// API reference 2.10.
Result<std::vector<Domain>> ReadDomains(Answer answer, Drift& drift);
Result<std::vector<DomainRecord>> ReadDomainRecords(Answer answer,
                                                    Drift& drift);
/// API reference 2.14.
Result<std::vector<Cluster>> ReadClusters(Answer answer, Drift& drift);

/// API reference 2.11: the wrapper is `ssh_keys` or `ssh_key`.
Result<std::vector<SshKey>> ReadSshKeys(Answer answer, Drift& drift);
/// API reference 2.12.
Result<std::vector<Location>> ReadLocations(Answer answer, Drift& drift);
Result<std::vector<Image>> ReadImages(Answer answer, Drift& drift);
/// API reference 2.13.
Result<std::vector<AffinityGroup>> ReadAffinityGroups(Answer answer,
                                                      Drift& drift);

/// API reference 2.7, of one server.
Result<std::vector<Snapshot>> ReadSnapshots(Answer answer, Drift& drift);
/// API reference 2.15, of one server. The answer has no wrapper; `{}` is a
/// backup of which nothing is known.
Result<Backup> ReadBackup(Answer answer, Drift& drift);
Result<std::vector<RestorePoint>> ReadRestorePoints(Answer answer,
                                                    Drift& drift);

/// API reference 2.16.
Result<std::vector<VmwareServer>> ReadVmwareServers(Answer answer,
                                                    Drift& drift);
Result<std::vector<VmwareNetwork>> ReadVmwareNetworks(Answer answer,
                                                      Drift& drift);

/// API reference 2.2. Both contracts are read: `is_completed` as a word or as a
/// boolean, what was touched as a list or as one id member for each resource.
Result<Task> ReadTask(Answer answer, Drift& drift);

/// The number of the first error in an error answer (API reference 4.1), if it
/// has one. The rest of such an answer may hold anything, so nothing else of it
/// is read.
std::optional<std::int64_t> ReadErrorNumber(std::string body);

}  // namespace serverspace::api
