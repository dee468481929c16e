#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metrics/page.h"

namespace serverspace::stress {

/// One line of a page.
struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;  ///< Unescaped.
  double value = 0;
  std::string text;         ///< The value as it is written.
  bool only_grows = false;  ///< By its type.

  std::string Label(const std::string& label) const {
    const auto found = labels.find(label);
    return found == labels.end() ? std::string() : found->second;
  }
};

/// By the series as it is written: `serverspace_up{project="prod"}`.
using Samples = std::map<std::string, Sample>;

/// Reads a page, with no mercy: the error names the first line that breaks the
/// format, that belongs to no family or to one that ended before, or that says
/// a series for the second time.
Result<Samples> ReadPage(std::string_view text, metrics::Format format);

/// The first of the words that the text has; empty if it has none.
std::string FirstOf(std::string_view text,
                    const std::vector<std::string>& words);

}  // namespace serverspace::stress
