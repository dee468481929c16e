#include "app/targets.h"

#include <utility>

#include "collectors/registry.h"
#include "server/sd_route.h"
#include "server/sd_targets.h"

namespace serverspace::app {

config::Config ConfigForTargets(config::Config config,
                                const server::SdFilter& filter) {
  std::erase_if(config.projects, [&](const config::ProjectSettings& project) {
    return !filter.projects.empty() && !filter.projects.contains(project.name);
  });
  for (auto& [name, settings] : config.collectors) {
    // That a product is not there is told by a project that was read.
    const bool needed = name == collectors::kProjectCollector ||
                        exporter::MakesServerList(name);
    settings.enabled = settings.enabled && needed;
  }
  config.state_file.clear();
  return config;
}

Result<std::string> MakeTargets(std::vector<exporter::ServerLists> lists,
                                const server::SdFilter& filter) {
  auto projects = server::ChooseProjects(std::move(lists), filter);
  if (!projects.ok()) return std::move(projects).error();
  for (const exporter::ServerLists& project : projects.value()) {
    if (project.unread) {
      return Error{ErrorCode::kInvalidInput,
                   "no list of the servers of project " + project.project +
                       ": the collector servers is off"};
    }
    if (project.awaited || project.refused) {
      return Error{ErrorCode::kOther,
                   "no list of the servers of project " + project.project};
    }
  }
  return server::RenderTargets(server::SelectTargets(projects.value(), filter));
}

}  // namespace serverspace::app
