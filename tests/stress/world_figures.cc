#include "stress/world_figures.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace serverspace::stress {
namespace {

constexpr double kMiB = 1024 * 1024;

class Figures {
 public:
  explicit Figures(std::string project) : project_(std::move(project)) {}

  void Add(std::string_view metric, std::string_view labels, double value) {
    std::string series(metric);
    series.append("{project=\"").append(project_).append("\"");
    if (!labels.empty()) series.append(",").append(labels);
    figures_[series + "}"] = value;
  }
  void Count(std::string_view metric, std::size_t count) {
    Add(metric, "", static_cast<double>(count));
  }
  std::map<std::string, double> Take() { return std::move(figures_); }

 private:
  const std::string project_;
  std::map<std::string, double> figures_;
};

void AddServer(const sim::Server& server, Figures& figures) {
  const std::string id = "server_id=\"" + server.id + "\"";
  figures.Add("server_state", id + ",state=\"" + ToLower(server.state) + "\"",
              1);
  figures.Add("server_power_on", id, server.is_power_on ? 1 : 0);
  figures.Add("server_cpu_cores", id, server.cpu);
  figures.Add("server_memory_bytes", id,
              static_cast<double>(server.ram_mb) * kMiB);
  figures.Add("server_snapshots", id,
              static_cast<double>(server.snapshots.size()));
  figures.Add("server_backup_enabled", id, server.backup.enabled ? 1 : 0);
  for (const sim::Volume& volume : server.volumes) {
    figures.Add("server_volume_size_bytes",
                id + ",volume_id=\"" + std::to_string(volume.id) + "\"",
                static_cast<double>(volume.size_mb) * kMiB);
  }
}

void AddProject(const sim::Project& project, Figures& figures) {
  figures.Add("up", "", 1);
  figures.Add("project_balance", "currency=\"" + project.currency + "\"",
              std::strtod(project.balance.ToString().c_str(), nullptr));
  figures.Add("project_state", "state=\"" + ToLower(project.state) + "\"", 1);
  figures.Count("servers", project.servers.size());
  figures.Count("networks", project.networks.size());
  figures.Count("gateways", project.gateways.size());
  figures.Count("domains", project.domains.size());
  figures.Count("kubernetes_clusters", project.clusters.size());
  figures.Count("affinity_groups", project.affinity_groups.size());
  figures.Count("ssh_keys", project.ssh_keys.size());
  figures.Count("vmware_servers", project.vmware_servers.size());
  figures.Count("vmware_networks", project.vmware_networks.size());
  for (const auto& [id, server] : project.servers) AddServer(server, figures);
  for (const auto& [id, network] : project.networks) {
    const auto servers = std::ranges::count_if(
        project.servers, [&network = network](const auto& server) {
          return std::ranges::any_of(server.second.nics, [&](const auto& nic) {
            return nic.network_id == network.id;
          });
        });
    figures.Add("network_servers", "network_id=\"" + id + "\"",
                static_cast<double>(servers));
  }
}

}  // namespace

std::map<std::string, double> FiguresOf(sim::Simulator& api,
                                        std::size_t project) {
  Figures figures(sim::ProjectName(project));
  api.Edit(project, [&](sim::World&, sim::Project& world) {
    AddProject(world, figures);
  });
  return figures.Take();
}

}  // namespace serverspace::stress
