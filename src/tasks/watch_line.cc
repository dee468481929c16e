#include "tasks/watch_line.h"

#include "base/text.h"

namespace serverspace::tasks {

WatchLine ParseWatchLine(std::string_view text) {
  // Some editors begin a file with it.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  text = Trim(text);
  if (text.starts_with('#')) return {};
  const std::size_t gap = text.find_first_of(" \t");
  if (gap == std::string_view::npos) return {.task_id = text, .project = {}};
  // A project's name may have spaces of its own.
  return {.task_id = text.substr(0, gap), .project = Trim(text.substr(gap))};
}

}  // namespace serverspace::tasks
