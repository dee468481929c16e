#pragma once

#include <string>

#include "base/result.h"
#include "metrics/page.h"
#include "simulator/random.h"
#include "stress/page_reader.h"

namespace serverspace::stress {

/// How a page is asked for, and read then. A value.
struct Encoding {
  metrics::Format format = metrics::Format::kText;
  bool gzip = false;

  static Encoding Any(sim::Random& random);

  /// For the request, each with its line end.
  std::string Headers() const;
  /// As ReadPage; also an error where it is no gzip and should be.
  Result<Samples> Read(const std::string& body) const;
};

}  // namespace serverspace::stress
