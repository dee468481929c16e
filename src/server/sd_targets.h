#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exporter/server_lists.h"
#include "server/sd_filter.h"

namespace serverspace::server {

using ServerListsOfAll = std::vector<exporter::ServerLists>;

/// Those of the projects that are asked for; an unknown one is `kInvalidInput`.
Result<ServerListsOfAll> ChooseProjects(ServerListsOfAll all,
                                        const SdFilter& filter);

/// Why nothing can be said of these projects yet: an answer without the list
/// that is missing would have Prometheus drop its targets. A project whose key
/// is refused keeps nobody waiting, unless no project has a list.
std::optional<std::string> WhyNotKnown(const ServerListsOfAll& projects);

/// One server to scrape. Views of the lists that it was chosen from.
struct SdTarget {
  std::string_view project;
  const collectors::InventoryServer& server;
  std::string address;  ///< `203.0.113.24:9100`.
};

struct SdSelection {
  /// By project, kind and id, so that the same servers are the same answer.
  std::vector<SdTarget> targets;
  /// By project: how many were asked for but have no address of that network.
  std::map<std::string, std::size_t> skipped;
};

/// `projects` outlives what is selected.
SdSelection SelectTargets(const ServerListsOfAll& projects,
                          const SdFilter& filter);

/// The labels of a target, by name; what is empty or unknown has none. Of tags
/// that differ only in characters that a label name cannot have there is one
/// label.
std::map<std::string, std::string> LabelsOf(const SdTarget& target);

}  // namespace serverspace::server
