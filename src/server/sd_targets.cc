#include "server/sd_targets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "collectors/listing.h"

namespace serverspace::server {
namespace {

using collectors::InventoryServer;
using exporter::ServerLists;

constexpr std::string_view kPrefix = "__meta_serverspace_";

bool IsWanted(const InventoryServer& server, const SdFilter& filter) {
  // What is not known to be off may be on: an API that stops telling must not
  // end anybody's scrapes.
  if (filter.powered_on && server.power_on == false) return false;
  return std::ranges::all_of(filter.tags, [&](const std::string& tag) {
    return std::ranges::find(server.tags, tag) != server.tags.end();
  });
}

/// What Prometheus' own discoveries do: every character that a label name
/// cannot have becomes one underscore.
std::string LabelName(std::string_view text) {
  constexpr unsigned kContinuation = 0x80;
  constexpr unsigned kContinuationMask = 0xC0;
  std::string name;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9');
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & kContinuationMask) != kContinuation) name += fits ? c : '_';
  }
  return name;
}

}  // namespace

Result<ServerListsOfAll> ChooseProjects(ServerListsOfAll all,
                                        const SdFilter& filter) {
  if (filter.projects.empty()) return all;
  std::erase_if(all, [&](const ServerLists& lists) {
    return !filter.projects.contains(lists.project);
  });
  if (all.size() < filter.projects.size())
    return Error{ErrorCode::kInvalidInput, "unknown project in the query"};
  return all;
}

std::optional<std::string> WhyNotKnown(const ServerListsOfAll& projects) {
  const auto unread = std::ranges::find(projects, true, &ServerLists::unread);
  if (unread != projects.end()) {
    return "no list of servers of project " + unread->project +
           ": the collector servers is off";
  }
  const auto awaited = std::ranges::find(projects, true, &ServerLists::awaited);
  if (awaited != projects.end())
    return "no list of servers yet of project " + awaited->project;
  const bool none = std::ranges::all_of(
      projects, [](const ServerLists& lists) { return lists.lists.empty(); });
  if (none && std::ranges::find(projects, true, &ServerLists::refused) !=
                  projects.end())
    return "no list of servers: the API refuses the key";
  return std::nullopt;
}

SdSelection SelectTargets(const ServerListsOfAll& projects,
                          const SdFilter& filter) {
  const std::string port = ":" + std::to_string(filter.port);
  SdSelection selection;
  for (const ServerLists& lists : projects) {
    std::size_t& skipped = selection.skipped[lists.project];
    for (const auto& list : lists.lists) {
      for (const InventoryServer& server : *list) {
        if (!IsWanted(server, filter)) continue;
        const std::string& ip = filter.network == SdFilter::Network::kPublic
                                    ? server.public_ip
                                    : server.private_ip;
        if (ip.empty()) {
          ++skipped;
        } else {
          selection.targets.push_back({lists.project, server, ip + port});
        }
      }
    }
  }
  return selection;
}

std::map<std::string, std::string> LabelsOf(const SdTarget& target) {
  const InventoryServer& server = target.server;
  std::string_view power;
  if (server.power_on) power = *server.power_on ? "on" : "off";
  std::map<std::string, std::string> labels;
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>("project",
                                                      target.project),
        {"server_id", server.id},
        {"name", server.name},
        {"location", server.location},
        {"image", server.image},
        {"state", server.state},
        {"power", power},
        {"public_ip", server.public_ip},
        {"private_ip", server.private_ip}}) {
    if (!value.empty())
      labels.emplace(std::string(kPrefix) + std::string(name), value);
  }
  if (!server.tags.empty())
    labels.emplace(std::string(kPrefix) + "tags",
                   collectors::JoinTags(server.tags));
  for (const std::string& tag : server.tags) {
    if (!tag.empty())
      labels.emplace(std::string(kPrefix) + "tag_" + LabelName(tag), "true");
  }
  return labels;
}

}  // namespace serverspace::server
