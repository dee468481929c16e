#include "metrics/exposition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <stdexcept>

#include "base/text.h"

namespace serverspace::metrics {
namespace {

/// Bytes that stand for themselves in a label value: ASCII but for the escaped
/// ones, and NUL, which Prometheus' lexer takes for the end of the page.
constexpr std::array<bool, 256> kPlainBytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 1; c < 0x80; ++c) plain[c] = true;
  plain['\\'] = plain['"'] = plain['\n'] = false;
  return plain;
}();

bool IsPlain(std::string_view value) {
  for (const char c : value) {
    if (!kPlainBytes[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

template <typename Number, typename... Format>
void AppendNumber(std::string& out, Number number, Format... format) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 number, format...);
  out.append(digits.data(), end.ptr);
}

std::string_view TypeName(Type type, bool open_metrics) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kHistogram:
      return "histogram";
    case Type::kInfo:
      return open_metrics ? "info" : "gauge";
    case Type::kGauge:
      break;
  }
  return "gauge";
}

std::string_view OpenMetricsName(const Desc& desc) {
  std::string_view name = desc.name;
  if (desc.type == Type::kCounter) name.remove_suffix(kCounterSuffix.size());
  if (desc.type == Type::kInfo) name.remove_suffix(kInfoSuffix.size());
  return name;
}

std::string Head(const Desc& desc, std::string_view name, bool open_metrics) {
  std::string head = "# HELP ";
  head.append(name).append(" ");
  for (const char c : ToValidUtf8(std::string(desc.help))) {
    if (c == '\n') {
      head += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && open_metrics)) head += '\\';
    head += c;
  }
  head.append("\n# TYPE ").append(name).append(" ");
  head.append(TypeName(desc.type, open_metrics)).append("\n");
  return head;
}

bool IsWord(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9'))
    return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

void RequireValid(const Desc& desc) {
  const auto labels = desc.labels.Get();
  const bool suffixes_fit =
      desc.name.ends_with(kCounterSuffix) == (desc.type == Type::kCounter) &&
      desc.name.ends_with(kInfoSuffix) == (desc.type == Type::kInfo);
  bool labels_fit = true;
  for (auto label = labels.begin(); label != labels.end(); ++label) {
    labels_fit = labels_fit && IsWord(*label) &&
                 std::find(labels.begin(), label, *label) == label &&
                 !(desc.type == Type::kHistogram && *label == "le");
  }
  if (!IsWord(desc.name) || !suffixes_fit || !labels_fit)
    throw std::logic_error("bad descriptor: " + std::string(desc.name));
}

void AppendLabelValue(std::string& out, std::string_view value) {
  if (IsPlain(value)) {
    out += value;
    return;
  }
  for (const char c : ToValidUtf8(std::string(value))) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      default:
        out += c;
    }
  }
}

void AppendValue(std::string& out, double value) {
  constexpr double kLargestExact = 9'007'199'254'740'992;  // 2^53
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (std::abs(value) <= kLargestExact && value == std::trunc(value)) {
    AppendNumber(out, static_cast<std::int64_t>(value));
  } else {
    AppendNumber(out, value);
  }
}

void AppendValue(std::string& out, std::int64_t value) {
  AppendNumber(out, value);
}

void AppendValue(std::string& out, WallTime value) {
  constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
  const std::int64_t nanos = value.time_since_epoch().count();
  if (nanos < 0) out += '-';
  const std::uint64_t magnitude = nanos < 0
                                      ? ~static_cast<std::uint64_t>(nanos) + 1
                                      : static_cast<std::uint64_t>(nanos);
  AppendNumber(out, magnitude / kNanosPerSecond);
  std::uint64_t fraction = magnitude % kNanosPerSecond;
  if (fraction == 0) return;
  // A leading 1 keeps the zeros after the point; the point takes its place.
  const std::size_t point = out.size();
  AppendNumber(out, fraction + kNanosPerSecond);
  out[point] = '.';
  while (out.back() == '0') out.pop_back();
}

std::string BoundLabel(double bound) {
  std::string label;
  const double magnitude = std::abs(bound);
  if (std::isinf(bound)) return bound > 0 ? "+Inf" : "-Inf";
  if (magnitude != 0 && (magnitude >= 1e6 || magnitude < 1e-4)) {
    AppendNumber(label, bound, std::chars_format::scientific);
    return label;
  }
  AppendNumber(label, bound, std::chars_format::fixed);
  if (label.find('.') == std::string::npos) label += ".0";
  return label;
}

std::string TextHead(const Desc& desc) { return Head(desc, desc.name, false); }

std::string OpenMetricsHead(const Desc& desc) {
  return Head(desc, OpenMetricsName(desc), true);
}

}  // namespace serverspace::metrics
