#include "stress/last_lines.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace serverspace::stress {

LastLines::~LastLines() {
  if (!testing::Test::HasFailure()) return;
  for (const std::string& line : lines_)
    std::fprintf(stderr, "%s\n", line.c_str());
}

void LastLines::Log(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields) {
  constexpr std::size_t kLines = 300;
  {
    std::lock_guard lock(mutex_);
    lines_.push_back(
        FormatLogLine(LogFormat::kLogfmt, {}, level, message, fields));
    if (lines_.size() > kLines) lines_.pop_front();
  }
  if (listener_) listener_(message, fields);
}

}  // namespace serverspace::stress
