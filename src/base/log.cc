#include "base/log.h"

#include <array>
#include <cstdio>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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
                 std::string_view value) {
  if (format == LogFormat::kJson) {
    out += out.empty() ? '{' : ',';
    AppendQuoted(out, name);
    out += ':';
    AppendQuoted(out, value);
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

class SpdlogLogger final : public Logger {
 public:
  SpdlogLogger(LogLevel level, LogFormat format)
      : logger_("serverspace",
                std::make_shared<spdlog::sinks::stderr_sink_mt>()),
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
  for (const LogField& field : fields)
    AppendField(line, format, field.name, ToValidUtf8(field.value));
  if (format == LogFormat::kJson) line += '}';
  return line;
}

std::unique_ptr<Logger> MakeStderrLogger(LogLevel level, LogFormat format) {
  return std::make_unique<SpdlogLogger>(level, format);
}

}  // namespace serverspace
