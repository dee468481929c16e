#include "base/log.h"

#include <array>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "base/redact.h"
#include "base/text.h"

namespace serverspace {
namespace {

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      break;
  }
  return "error";
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

/// A JSON string, which is also how logfmt quotes. Control characters are
/// escaped, so a value never breaks the line.
void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x",
                    static_cast<unsigned>(byte));
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

bool IsBare(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '"' || c == '\\' || c == '=')
      return false;
  }
  return true;
}

void AppendField(std::string& out, LogFormat format, std::string_view name,
                 std::string_view value, bool is_number = false) {
  if (format == LogFormat::kJson) {
    out += out.empty() ? '{' : ',';
    AppendQuoted(out, name);
    out += ':';
    if (is_number) {
      out += value;
    } else {
      AppendQuoted(out, value);
    }
    return;
  }
  if (!out.empty()) out += ' ';
  out += name;
  out += '=';
  if (IsBare(value)) {
    out += value;
  } else {
    AppendQuoted(out, value);
  }
}

/// Writes to standard error, but never waits long for whoever reads it: a log
/// driver that hangs must not hang what logs. What finds no room is dropped and
/// counted.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StderrSink(LogFormat format) : log_format_(format) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!HasRoom()) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0) {
      const std::string told =
          FormatLogLine(log_format_, {}, LogLevel::kWarn,
                        "log lines were dropped, for nobody read them",
                        {{"lines", std::exchange(dropped_, 0)}}) +
          "\n";
      Write(told);
      if (!HasRoom()) {
        ++dropped_;
        return;
      }
    }
    Write({line.data(), line.size()});
  }

  void flush_() override {}

 private:
  /// Whether PIPE_BUF bytes can be written without waiting (pipe(7)). Once the
  /// reader was too slow it is not waited for again until it reads.
  bool HasRoom() const {
    constexpr int kPatienceMs = 100;
    pollfd descriptor = {STDERR_FILENO, POLLOUT, 0};
    return ::poll(&descriptor, 1, dropped_ == 0 ? kPatienceMs : 0) == 1 &&
           (descriptor.revents & POLLOUT) != 0;
  }

  static void Write(std::string_view line) {
    std::string short_line;
    if (line.size() > PIPE_BUF) {
      short_line = std::string(Clip(line, PIPE_BUF - 1)) + "\n";
      line = short_line;
    }
    // Nobody can be told that the log itself fails.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, line.data(), line.size());
  }

  const LogFormat log_format_;
  std::uint64_t dropped_ = 0;  // guarded by the sink's mutex
};

class SpdlogLogger final : public Logger {
 public:
  SpdlogLogger(LogLevel level, LogFormat format)
      : logger_("serverspace", std::make_shared<StderrSink>(format)),
        format_(format) {
    logger_.set_level(SpdlogLevel(level));
    logger_.flush_on(spdlog::level::trace);
    const char* pattern = format == LogFormat::kJson
                              ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"
                              : "ts=%Y-%m-%dT%H:%M:%S.%eZ %v";
    logger_.set_pattern(pattern, spdlog::pattern_time_type::utc);
  }

  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override {
    if (!logger_.should_log(SpdlogLevel(level))) return;
    std::string line = FormatLogLine(format_, {}, level, message, fields);
    if (format_ == LogFormat::kJson) line = line.substr(1, line.size() - 2);
    logger_.log(SpdlogLevel(level), line);
  }

 private:
  spdlog::logger logger_;
  LogFormat format_;
};

}  // namespace

std::string FormatLogLine(LogFormat format, std::string_view time,
                          LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line;
  if (!time.empty()) AppendField(line, format, "ts", time);
  AppendField(line, format, "level", LevelName(level));
  AppendField(line, format, "msg", ToValidUtf8(std::string(message)));
  for (const LogField& field : fields) {
    AppendField(line, format, field.name, ToValidUtf8(RedactKeys(field.value)),
                field.is_number);
  }
  if (format == LogFormat::kJson) line += '}';
  return line;
}

std::unique_ptr<Logger> MakeStderrLogger(LogLevel level, LogFormat format) {
  return std::make_unique<SpdlogLogger>(level, format);
}

}  // namespace serverspace
