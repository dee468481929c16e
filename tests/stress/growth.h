#pragma once

#include <functional>
#include <map>
#include <string>

#include "stress/page_reader.h"

namespace serverspace::stress {

/// Whether it is a total that the state file keeps, and so outlives a process.
bool LivesOn(const Sample& sample);

/// Remembers counters from page to page. A counter may begin anew only in
/// another epoch, such as a project's next life. One thread at a time.
class Growth {
 public:
  /// The page may be of either of two epochs: nothing is known from it.
  static constexpr int kUnknown = -1;

  /// The epoch that a series of the page belongs to.
  using EpochOf = std::function<int(const Sample&)>;

  /// The first counter that went back; empty if none did.
  std::string Look(const Samples& page, const EpochOf& epoch_of);

 private:
  struct Last {
    double value = 0;
    int epoch = kUnknown;
  };
  std::map<std::string, Last> last_;
};

}  // namespace serverspace::stress
