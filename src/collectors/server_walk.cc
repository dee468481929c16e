#include "collectors/server_walk.h"

#include <algorithm>
#include <optional>
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
  std::ranges::sort(ids);
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
  const auto ids = KnownIds(run);
  if (!ids.ok()) return ids.error();
  auto fits = run.budget.Check(ids.value().size() * calls_per_server);
  if (!fits.ok()) return fits;

  bool answered = false;
  std::optional<Ids> listed_now;
  for (const std::string& id : ids.value()) {
    auto outcome = read(id);
    if (outcome.ok()) {
      answered = true;
      continue;
    }
    if (outcome.error().code != ErrorCode::kNotFound)
      return answered ? AsFailure(outcome.error()) : outcome;
    if (answered) continue;
    if (!listed_now) {
      auto asked = AskForIds(run);
      if (!asked.ok()) return asked.error();
      listed_now = std::move(asked).value();
    }
    if (std::ranges::binary_search(*listed_now, id)) return outcome;
  }
  return {};
}

}  // namespace serverspace::collectors
