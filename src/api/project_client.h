#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.h"
#include "base/clock.h"
#include "base/result.h"

namespace serverspace::api {

/// The bounds of one run: every request of it, waits and retries included, ends
/// by `deadline`.
struct Call {
  MonoTime deadline;
  std::stop_token stop;
};

/// Reads one project of the API, and only reads. One instance per project;
/// threads may share it. Every method blocks, up to the call's deadline. An
/// error is never turned into an empty answer. The API lists in no constant
/// order (API reference 3); here lists are sorted by id, each id once.
class ProjectClient {
 public:
  ProjectClient() = default;
  ProjectClient(const ProjectClient&) = delete;
  ProjectClient& operator=(const ProjectClient&) = delete;
  virtual ~ProjectClient() = default;

  virtual Result<Project> GetProject(const Call& call) = 0;
  virtual Result<std::vector<Server>> ListServers(const Call& call) = 0;

  virtual Result<std::vector<Network>> ListNetworks(const Call& call) = 0;
  virtual Result<std::vector<Gateway>> ListGateways(const Call& call) = 0;
  virtual Result<std::vector<Domain>> ListDomains(const Call& call) = 0;
  virtual Result<std::vector<DomainRecord>> ListDomainRecords(
      const Call& call, std::string_view domain) = 0;
  virtual Result<std::vector<Cluster>> ListClusters(const Call& call) = 0;
  virtual Result<std::vector<AffinityGroup>> ListAffinityGroups(
      const Call& call) = 0;
  virtual Result<std::vector<SshKey>> ListSshKeys(const Call& call) = 0;
  virtual Result<std::vector<Location>> ListLocations(const Call& call) = 0;
  virtual Result<std::vector<Image>> ListImages(const Call& call) = 0;
  virtual Result<std::vector<Snapshot>> ListSnapshots(
      const Call& call, std::string_view server_id) = 0;
  virtual Result<Backup> GetBackup(const Call& call,
                                   std::string_view server_id) = 0;
  virtual Result<std::vector<RestorePoint>> ListRestorePoints(
      const Call& call, std::string_view server_id) = 0;
  virtual Result<std::vector<VmwareServer>> ListVmwareServers(
      const Call& call) = 0;
  virtual Result<std::vector<VmwareNetwork>> ListVmwareNetworks(
      const Call& call) = 0;
  /// kNotFound for an id that the API does not know, or not for this project.
  virtual Result<Task> GetTask(const Call& call, std::string_view task_id) = 0;
};

}  // namespace serverspace::api
