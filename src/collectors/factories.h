#pragma once

#include <memory>

namespace serverspace::collectors {

class Collector;

#define COLLECTOR(name, make, presence, interval, calls, help) \
  std::unique_ptr<Collector> make();
#include "collectors/collector_list.inc"
#undef COLLECTOR

}  // namespace serverspace::collectors
