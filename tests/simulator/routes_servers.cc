#include <algorithm>
#include <iterator>

#include "simulator/render.h"
#include "simulator/routes.h"

namespace serverspace::sim {
namespace {

Server* FindServer(ApiCall& call) {
  const auto found = call.project.servers.find(call.ids.at(0));
  return found == call.project.servers.end() ? nullptr : &found->second;
}

/// The order of the list is not constant on the wire: it starts elsewhere after
/// each change.
std::string RenderList(const Project& project) {
  const auto& servers = project.servers;
  const std::size_t start =
      servers.empty() ? 0 : project.version * 7919 % servers.size();
  const auto middle =
      std::next(servers.begin(), static_cast<std::ptrdiff_t>(start));
  return Wrapped("servers", [&](JsonWriter& json) {
    const auto render = [&](const auto& entry) {
      RenderServer(json, entry.second, project.generation);
    };
    json.BeginArray();
    std::for_each(middle, servers.end(), render);
    std::for_each(servers.begin(), middle, render);
    json.EndArray();
  });
}

Reply ListServers(ApiCall& call) {
  Project& project = call.project;
  if (project.server_list == nullptr ||
      project.server_list_version != project.version) {
    project.server_list =
        std::make_shared<const std::string>(RenderList(project));
    project.server_list_version = project.version;
  }
  Reply reply;
  reply.body = project.server_list;
  return reply;
}

Reply GetServer(ApiCall& call) {
  const Server* server = FindServer(call);
  if (server == nullptr) return NotFound();
  return Reply::Json(Wrapped("server", [&](JsonWriter& json) {
    RenderServer(json, *server, call.project.generation);
  }));
}

constexpr Route kRoutes[] = {
    {"GET", "/servers", ListServers, "servers"},
    {"GET", "/servers/{id}", GetServer, "server"},
};

}  // namespace

std::span<const Route> ServerRoutes() { return kRoutes; }

}  // namespace serverspace::sim
