#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace serverspace {

/// Keeps every line: `warn collector failed project=prod reason=auth`. Threads
/// may share one.
class RecordingLog final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override {
    static constexpr std::string_view kLevels[] = {"debug", "info", "warn",
                                                   "error"};
    std::string line(kLevels[static_cast<std::size_t>(level)]);
    line.append(" ").append(message);
    for (const LogField& field : fields)
      line.append(" ").append(field.name).append("=").append(field.value);
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  /// Lines that begin with `start`.
  std::vector<std::string> Lines(std::string_view start = "") const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    std::ranges::copy_if(
        lines_, std::back_inserter(found),
        [&](const std::string& line) { return line.starts_with(start); });
    return found;
  }
  bool Mentions(std::string_view text) const {
    std::lock_guard lock(mutex_);
    return std::ranges::any_of(lines_, [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }

 private:
  mutable std::mutex mutex_;  // guards lines_
  std::vector<std::string> lines_;
};

}  // namespace serverspace
