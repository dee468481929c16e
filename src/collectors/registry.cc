#include "collectors/registry.h"

#include <chrono>

#include "collectors/factories.h"

namespace serverspace::collectors {

std::span<const CollectorRow> AllCollectors() {
  using namespace std::chrono_literals;
  using enum Presence;
  static constexpr CollectorRow kRows[] = {
#define COLLECTOR(name, make, presence, interval, calls, help) \
  {#name, make, presence, interval, calls, help},
#include "collectors/collector_list.inc"
#undef COLLECTOR
  };
  return kRows;
}

}  // namespace serverspace::collectors
