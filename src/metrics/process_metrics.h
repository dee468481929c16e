#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "metrics/desc.h"
#include "metrics/fragment.h"

namespace serverspace::metrics {

/// The `process_*` set that every Prometheus client library exports, read from
/// proc(5). A file that cannot be read or understood takes only its own metrics
/// with it. Threads may share one.
class ProcessMetrics {
 public:
  /// `proc` is where procfs is mounted. Of it only what tells about the process
  /// itself is needed (`ProcSubset=pid` of a unit). The time of the start is
  /// reckoned from `booted`, once, so that a calendar that is set looks like no
  /// restart.
  explicit ProcessMetrics(std::string proc = "/proc",
                          WallTime booted = BootTime());

  static std::span<const Desc> Describe();
  Fragment Render() const;

 private:
  const std::string proc_;
  const WallTime booted_;
};

}  // namespace serverspace::metrics
