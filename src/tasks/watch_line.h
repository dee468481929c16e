#pragma once

#include <cstddef>
#include <string_view>

namespace serverspace::tasks {

/// A longer line is no id, whatever it is.
inline constexpr std::size_t kMaxLineBytes = 512;

/// One line of a watched file: `TASK_ID [PROJECT]`. Both are parts of the text
/// that was parsed.
struct WatchLine {
  std::string_view task_id;  ///< Empty: the line is blank or a comment.
  std::string_view project;  ///< Empty: not said.
};

/// Takes any bytes; whether the id is one is for the caller to say.
WatchLine ParseWatchLine(std::string_view text);

}  // namespace serverspace::tasks
