#pragma once

#include <span>
#include <string>

#include "metrics/desc.h"
#include "metrics/fragment.h"

namespace serverspace::metrics {

/// The `process_*` set that every Prometheus client library exports, read from
/// proc(5). A file that cannot be read or understood takes only its own metrics
/// with it. Threads may share one.
class ProcessMetrics {
 public:
  /// `proc` is where procfs is mounted.
  explicit ProcessMetrics(std::string proc = "/proc");

  static std::span<const Desc> Describe();
  Fragment Render() const;

 private:
  std::string proc_;
};

}  // namespace serverspace::metrics
