#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "base/log.h"

namespace serverspace::stress {

/// Keeps the last lines, and prints them in the end if a test has failed.
/// Threads may share one.
class LastLines final : public Logger {
 public:
  /// Told of each message, on the thread that logs it.
  using Listener = std::function<void(std::string_view message,
                                      std::initializer_list<LogField> fields)>;

  explicit LastLines(Listener listener = {}) : listener_(std::move(listener)) {}
  ~LastLines() override;

  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override;

 private:
  const Listener listener_;
  std::mutex mutex_;  // guards lines_
  std::deque<std::string> lines_;
};

}  // namespace serverspace::stress
