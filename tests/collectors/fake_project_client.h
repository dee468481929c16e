#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "api/project_client.h"

namespace serverspace::collectors {

/// Answers what the test says; asked for anything else, it fails.
class FakeProjectClient final : public api::ProjectClient {
 public:
  template <typename T>
  using Whole = std::function<Result<T>(const api::Call&)>;
  template <typename T>
  using PerId = std::function<Result<T>(const api::Call&, std::string_view id)>;

  struct Unexpected {
    Error operator()(auto&&...) const {
      return {ErrorCode::kOther, "the test expects no such call"};
    }
  };

  Whole<api::Project> project = Unexpected{};
  Whole<std::vector<api::Server>> servers = Unexpected{};
  Whole<std::vector<api::Network>> networks = Unexpected{};
  Whole<std::vector<api::Gateway>> gateways = Unexpected{};
  Whole<std::vector<api::Domain>> domains = Unexpected{};
  PerId<std::vector<api::DomainRecord>> domain_records = Unexpected{};
  Whole<std::vector<api::Cluster>> clusters = Unexpected{};
  Whole<std::vector<api::AffinityGroup>> affinity_groups = Unexpected{};
  Whole<std::vector<api::SshKey>> ssh_keys = Unexpected{};
  Whole<std::vector<api::Location>> locations = Unexpected{};
  Whole<std::vector<api::Image>> images = Unexpected{};
  PerId<std::vector<api::Snapshot>> snapshots = Unexpected{};
  PerId<api::Backup> backup = Unexpected{};
  PerId<std::vector<api::RestorePoint>> restore_points = Unexpected{};
  Whole<std::vector<api::VmwareServer>> vmware_servers = Unexpected{};
  Whole<std::vector<api::VmwareNetwork>> vmware_networks = Unexpected{};
  PerId<api::Task> task = Unexpected{};

  Result<api::Project> GetProject(const api::Call& call) override {
    return project(call);
  }
  Result<std::vector<api::Server>> ListServers(const api::Call& call) override {
    return servers(call);
  }
  Result<std::vector<api::Network>> ListNetworks(
      const api::Call& call) override {
    return networks(call);
  }
  Result<std::vector<api::Gateway>> ListGateways(
      const api::Call& call) override {
    return gateways(call);
  }
  Result<std::vector<api::Domain>> ListDomains(const api::Call& call) override {
    return domains(call);
  }
  Result<std::vector<api::DomainRecord>> ListDomainRecords(
      const api::Call& call, std::string_view id) override {
    return domain_records(call, id);
  }
  Result<std::vector<api::Cluster>> ListClusters(
      const api::Call& call) override {
    return clusters(call);
  }
  Result<std::vector<api::AffinityGroup>> ListAffinityGroups(
      const api::Call& call) override {
    return affinity_groups(call);
  }
  Result<std::vector<api::SshKey>> ListSshKeys(const api::Call& call) override {
    return ssh_keys(call);
  }
  Result<std::vector<api::Location>> ListLocations(
      const api::Call& call) override {
    return locations(call);
  }
  Result<std::vector<api::Image>> ListImages(const api::Call& call) override {
    return images(call);
  }
  Result<std::vector<api::Snapshot>> ListSnapshots(
      const api::Call& call, std::string_view id) override {
    return snapshots(call, id);
  }
  Result<api::Backup> GetBackup(const api::Call& call,
                                std::string_view id) override {
    return backup(call, id);
  }
  Result<std::vector<api::RestorePoint>> ListRestorePoints(
      const api::Call& call, std::string_view id) override {
    return restore_points(call, id);
  }
  Result<std::vector<api::VmwareServer>> ListVmwareServers(
      const api::Call& call) override {
    return vmware_servers(call);
  }
  Result<std::vector<api::VmwareNetwork>> ListVmwareNetworks(
      const api::Call& call) override {
    return vmware_networks(call);
  }
  Result<api::Task> GetTask(const api::Call& call,
                            std::string_view id) override {
    return task(call, id);
  }
};

}  // namespace serverspace::collectors
