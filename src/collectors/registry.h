#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "collectors/collector.h"

namespace serverspace::collectors {

/// Those that others build on.
inline constexpr std::string_view kProjectCollector = "project";
inline constexpr std::string_view kServersCollector = "servers";
inline constexpr std::string_view kVmwareCollector = "vmware";

enum class Presence {
  kCore,  ///< On by default; its absence from the API is a failure, never
          ///< "unsupported".
  kOn,    ///< On by default; the project may lack the product.
  kOff,   ///< Off by default, because it costs calls.
};

/// What a run costs, for the plan that is shown before it is paid.
struct Calls {
  int fixed = 0;
  int per_server = 0;
  int per_domain = 0;  ///< At most.

  /// Whether a run may take long, because the project is large.
  bool grow_with_project() const { return per_server > 0 || per_domain > 0; }
};

/// A row of `collector_list.inc`.
struct CollectorRow {
  std::string_view name;
  std::unique_ptr<Collector> (*make)();
  Presence presence;
  Duration interval;
  Calls calls;
  std::string_view help;
};

/// All collectors there are, sorted by name.
std::span<const CollectorRow> AllCollectors();

}  // namespace serverspace::collectors
