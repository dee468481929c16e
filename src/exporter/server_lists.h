#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collectors/inventory.h"
#include "collectors/registry.h"

namespace serverspace::exporter {

/// What is known of a project's servers: the last good list of each kind,
/// without limit of age.
struct ServerLists {
  std::string project;
  /// None is null. There is none of a kind that the project does not have.
  std::vector<collectors::Inventory::Servers> lists;
  /// A kind is still to come: it was not read yet, or never with success.
  bool awaited = false;
  /// A kind is not to come, for the API refuses the project's key.
  bool refused = false;
  /// The collector `servers` is off, so nobody knows the most of them. Without
  /// `vmware` alone, the servers there are just not wanted.
  bool unread = false;
};

/// Whether a collector, by its name, makes one of the lists.
constexpr bool MakesServerList(std::string_view collector) {
  return collector == collectors::kServersCollector ||
         collector == collectors::kVmwareCollector;
}

}  // namespace serverspace::exporter
