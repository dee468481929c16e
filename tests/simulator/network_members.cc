#include "simulator/network_members.h"

#include <algorithm>

namespace serverspace::sim {
namespace {

template <typename Objects>
std::vector<std::string> Connected(const Objects& objects,
                                   std::string_view network_id) {
  std::vector<std::string> ids;
  for (const auto& [id, object] : objects) {
    const auto& nics = object.nics;
    if (std::any_of(nics.begin(), nics.end(), [&](const auto& nic) {
          return nic.network_id == network_id;
        })) {
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace

std::vector<std::string> ServersOf(const Project& project,
                                   std::string_view network_id) {
  return Connected(project.servers, network_id);
}

std::vector<std::string> GatewaysOf(const Project& project,
                                    std::string_view network_id) {
  return Connected(project.gateways, network_id);
}

}  // namespace serverspace::sim
