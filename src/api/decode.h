#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/drift.h"
#include "api/types.h"
#include "base/result.h"

namespace serverspace::api {

// Answers as structs, one function an endpoint. They take the body over, so
// that it is gone when they return. An answer that is not what the endpoint
// promises is kBadResponse; the text names route and byte and holds nothing of
// the answer.

/// API reference 2.3.
Result<Project> ReadProject(std::string body, Drift& drift);
/// API reference 2.4. Here `{}` is an error too: an empty project says
/// `{"servers": []}`, and to lose all servers by mistake is the worst mistake.
Result<std::vector<Server>> ReadServers(std::string body, Drift& drift);

/// API reference 2.8.
Result<std::vector<Network>> ReadNetworks(std::string body, Drift& drift);
/// API reference 2.9.
Result<std::vector<Gateway>> ReadGateways(std::string body, Drift& drift);
/// API reference 2.10.
Result<std::vector<Domain>> ReadDomains(std::string body, Drift& drift);
Result<std::vector<DomainRecord>> ReadDomainRecords(std::string body,
                                                    Drift& drift);
/// API reference 2.14.
Result<std::vector<Cluster>> ReadClusters(std::string body, Drift& drift);

/// API reference 2.11: the wrapper is `ssh_keys` or `ssh_key`.
Result<std::vector<SshKey>> ReadSshKeys(std::string body, Drift& drift);
/// API reference 2.12.
Result<std::vector<Location>> ReadLocations(std::string body, Drift& drift);
Result<std::vector<Image>> ReadImages(std::string body, Drift& drift);
/// API reference 2.13.
Result<std::vector<AffinityGroup>> ReadAffinityGroups(std::string body,
                                                      Drift& drift);

/// API reference 2.7, of one server.
Result<std::vector<Snapshot>> ReadSnapshots(std::string body, Drift& drift);
/// API reference 2.15, of one server. The answer has no wrapper; `{}` is a
/// backup of which nothing is known.
Result<Backup> ReadBackup(std::string body, Drift& drift);
Result<std::vector<RestorePoint>> ReadRestorePoints(std::string body,
                                                    Drift& drift);

/// API reference 2.16.
Result<std::vector<VmwareServer>> ReadVmwareServers(std::string body,
                                                    Drift& drift);
Result<std::vector<VmwareNetwork>> ReadVmwareNetworks(std::string body,
                                                      Drift& drift);

/// API reference 2.2. Both contracts are read: `is_completed` as a word or as a
/// boolean, what was touched as a list or as one id member for each resource.
Result<Task> ReadTask(std::string body, Drift& drift);

/// The number of the first error in an error answer (API reference 4.1), if it
/// has one. The rest of such an answer may hold anything, so nothing else of it
/// is read.
std::optional<std::int64_t> ReadErrorNumber(std::string body);

}  // namespace serverspace::api
