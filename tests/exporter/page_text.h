#pragma once

#include <string>
#include <string_view>

#include "metrics/page.h"

namespace serverspace::exporter {

/// The page in the text format.
inline std::string PageText(const metrics::Page& page) {
  std::string text;
  for (const std::string_view part :
       page.Get(metrics::Format::kText, metrics::Encoding::kIdentity).parts)
    text += part;
  return text;
}

/// The lines of `text` that begin with `start`.
inline std::string LinesOf(std::string_view text, std::string_view start) {
  std::string found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.starts_with(start)) found.append(line).append("\n");
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return found;
}

}  // namespace serverspace::exporter
