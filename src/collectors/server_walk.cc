#include "collectors/server_walk.h"

#include <algorithm>
#include <vector>

#include "collectors/listing.h"

namespace serverspace::collectors {
namespace {

using Ids = std::vector<std::string>;

Result<Ids> AskForIds(const Run& run) {
  auto servers = run.api.ListServers(run.call);
  // Of the servers themselves, never of the product that is walked.
  if (!servers.ok()) return AsFailure(std::move(servers).error());
  Ids ids;
  for (api::Server& server : servers.value())
    ids.push_back(std::move(server.id));
  return ids;
}

Result<Ids> KnownIds(const Run& run) {
  const Inventory::Servers servers = run.inventory.servers();
  if (servers == nullptr) return AskForIds(run);
  Ids ids;
  for (const InventoryServer& server : *servers) ids.push_back(server.id);
  return ids;
}

}  // namespace

Result<void> ForEachServer(const Run& run, std::size_t calls_per_server,
                           const ReadOneServer& read) {
  auto ids = KnownIds(run);
  bool answered = false;
  for (std::size_t next = 0;;) {
    if (!ids.ok()) return std::move(ids).error();
    if (next == 0) {
      auto fits = run.budget.Check(ids.value().size() * calls_per_server);
      if (!fits.ok()) return fits;
    }
    if (next == ids.value().size()) return {};
    const std::string id = ids.value()[next++];
    const auto outcome = read(id);
    if (outcome.ok()) {
      answered = true;
      continue;
    }
    if (outcome.error().code != ErrorCode::kNotFound)
      return answered ? AsFailure(outcome.error()) : outcome;
    if (answered) continue;
    // Either this server is gone, and others that are known may be as well, or
    // it is the route that is not there.
    ids = AskForIds(run);
    next = 0;
    if (ids.ok() && std::ranges::binary_search(ids.value(), id)) return outcome;
  }
}

}  // namespace serverspace::collectors
