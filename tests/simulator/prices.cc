#include "simulator/prices.h"

namespace serverspace::sim {
namespace {

constexpr std::int64_t kCpuMicros = 3'000'000;
constexpr std::int64_t kRamMicrosPerMb = 2'000;
constexpr std::int64_t kDiskMicrosPerMb = 100;
constexpr std::int64_t kBandwidthMicrosPerMbps = 50'000;
constexpr std::int64_t kGatewayMicros = 8'000'000;

std::int64_t Micros(const Server& server) {
  std::int64_t disk_mb = 0;
  for (const Volume& volume : server.volumes) disk_mb += volume.size_mb;
  for (const Snapshot& snapshot : server.snapshots) disk_mb += snapshot.size_mb;
  std::int64_t bandwidth_mbps = 0;
  for (const Nic& nic : server.nics) bandwidth_mbps += nic.bandwidth_mbps;
  return server.is_power_on
             ? ServerPrice(server.cpu, server.ram_mb, disk_mb, bandwidth_mbps)
                   .micros()
             : ServerPrice(0, 0, disk_mb, bandwidth_mbps).micros();
}

}  // namespace

Money ServerPrice(int cpu, std::int64_t ram_mb, std::int64_t disk_mb,
                  std::int64_t bandwidth_mbps) {
  return Money::FromMicros(cpu * kCpuMicros + ram_mb * kRamMicrosPerMb +
                           disk_mb * kDiskMicrosPerMb +
                           bandwidth_mbps * kBandwidthMicrosPerMbps);
}

Money MonthlyPrice(const Project& project) {
  std::int64_t micros = 0;
  for (const auto& [id, server] : project.servers) {
    if (server.state != kBlocked) micros += Micros(server);
  }
  for (const auto& [id, gateway] : project.gateways) {
    micros += kGatewayMicros;
    for (const GatewayNic& nic : gateway.nics)
      micros += nic.bandwidth_mbps * kBandwidthMicrosPerMbps;
  }
  for (const auto& [id, server] : project.vmware_servers) {
    micros += ServerPrice(server.cpu, server.ram_mb, server.system_disk_mb, 0)
                  .micros();
  }
  return Money::FromMicros(micros);
}

}  // namespace serverspace::sim
