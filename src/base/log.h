#pragma once

#include <cmath>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace serverspace {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// One named value of a log line. Secrets do not convert to it.
struct LogField {
  LogField(std::string_view field_name, std::string field_value)
      : name(field_name), value(std::move(field_value)) {}
  LogField(std::string_view field_name, std::string_view field_value)
      : name(field_name), value(field_value) {}
  LogField(std::string_view field_name, const char* field_value)
      : name(field_name), value(field_value) {}
  template <typename Number>
  requires std::is_arithmetic_v<Number> LogField(std::string_view field_name,
                                                 Number field_value)
      : name(field_name),
        value(std::to_string(field_value)),
        is_number(IsFinite(field_value)) {}

  std::string_view name;
  std::string value;
  bool is_number = false;  ///< One that JSON can write.

 private:
  template <typename Number>
  static bool IsFinite(Number number) {
    if constexpr (std::is_floating_point_v<Number>) {
      return std::isfinite(number);
    } else {
      return true;
    }
  }
};

/// Where lines go. One event is one line: what happened in plain words, then
/// its fields. Threads may share one.
class Logger {
 public:
  Logger() = default;
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  virtual ~Logger() = default;

  virtual void Log(LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields) = 0;

  void Debug(std::string_view message,
             std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message,
            std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warn(std::string_view message,
            std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kWarn, message, fields);
  }
  void Error(std::string_view message,
             std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kError, message, fields);
  }
};

enum class LogFormat { kLogfmt, kJson };

/// Lines to standard error, from `level` on, without what looks like a key:
/// `ts=... level=info msg="..." project=prod`, or the same as JSON.
std::unique_ptr<Logger> MakeStderrLogger(LogLevel level, LogFormat format);

/// One line without its end, as the logger above would write it; the time is
/// left to the caller.
std::string FormatLogLine(LogFormat format, std::string_view time,
                          LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace serverspace
