#include "config/variables.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "config/options.h"
#include "config/suggest.h"

namespace serverspace::config {
namespace {

constexpr std::string_view kPrefix = "SERVERSPACE_";

/// All variables of ours, without the prefix.
std::vector<std::string> KnownNames(std::span<const std::string> collectors) {
  std::vector<std::string> known = {"KEY"};
  for (const OptionDoc& option : Options()) {
    if (!option.env.starts_with(kPrefix)) continue;
    const std::string name(option.env.substr(kPrefix.size()));
    if (name.find(kAnyCollector) == std::string::npos) {
      known.push_back(name);
      continue;
    }
    for (const std::string& collector : collectors)
      known.push_back(ForCollector(name, ToUpper(collector)));
  }
  return known;
}

/// Kubernetes gives each service NAME_SERVICE_HOST, NAME_SERVICE_PORT,
/// NAME_PORT_10066_TCP_ADDR and more of them to every container.
bool IsServiceLink(std::string_view name,
                   const std::vector<std::string>& names) {
  constexpr std::string_view kHost = "_SERVICE_HOST";
  return std::ranges::any_of(names, [&](std::string_view host) {
    if (!host.ends_with(kHost)) return false;
    const std::string service(host.substr(0, host.size() - kHost.size()));
    return name.starts_with(service + "_SERVICE_") ||
           name == service + "_PORT" || name.starts_with(service + "_PORT_");
  });
}

}  // namespace

std::vector<Problem> UnknownVariables(const Environment& environment,
                                      std::span<const std::string> collectors) {
  const std::vector<std::string> names = environment.NamesWith(kPrefix);
  if (names.empty()) return {};
  const std::vector<std::string> known = KnownNames(collectors);
  std::vector<Problem> unknown;
  for (const std::string& name : names) {
    const std::string_view rest = std::string_view(name).substr(kPrefix.size());
    if (std::ranges::find(known, rest) != known.end() ||
        IsServiceLink(name, names)) {
      continue;
    }
    std::string message = "is no variable of this program and has no effect";
    if (const auto nearest = Nearest(rest, known))
      message += ": did you mean " + std::string(kPrefix) + *nearest + "?";
    unknown.push_back({"", 0, 0, Printable(name, 256), std::move(message)});
  }
  return unknown;
}

}  // namespace serverspace::config
