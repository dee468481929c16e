#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/server_lists.h"

namespace serverspace::server {

using collectors::InventoryServer;

/// `203.0.113.N` and `10.0.0.N`, on.
inline InventoryServer MakeServer(const std::string& id, int number) {
  return {.id = id,
          .name = "web",
          .location = "am2",
          .image = "Debian-12-X64",
          .state = "active",
          .tags = {},
          .public_ip = "203.0.113." + std::to_string(number),
          .private_ip = "10.0.0." + std::to_string(number),
          .power_on = true};
}

inline InventoryServer WithTags(InventoryServer server,
                                std::vector<std::string> tags) {
  server.tags = std::move(tags);
  return server;
}

inline collectors::Inventory::Servers MakeList(
    std::vector<InventoryServer> servers) {
  return std::make_shared<const std::vector<InventoryServer>>(
      std::move(servers));
}

inline exporter::ServerLists MakeLists(
    std::string project, std::vector<collectors::Inventory::Servers> lists) {
  return {.project = std::move(project), .lists = std::move(lists)};
}

}  // namespace serverspace::server
