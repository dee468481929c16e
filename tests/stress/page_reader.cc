#include "stress/page_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"

namespace serverspace::stress {
namespace {

using metrics::Format;

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

std::string_view TakeName(std::string_view& from) {
  if (from.empty() || !IsNameStart(from.front())) return {};
  const auto end = std::ranges::find_if_not(from, IsNamePart);
  const auto size = static_cast<std::size_t>(end - from.begin());
  const std::string_view name = from.substr(0, size);
  from.remove_prefix(size);
  return name;
}

bool Take(std::string_view& from, std::string_view text) {
  if (!from.starts_with(text)) return false;
  from.remove_prefix(text.size());
  return true;
}

/// A quoted label value without its escapes.
std::optional<std::string> TakeValue(std::string_view& from) {
  if (!Take(from, "\"")) return std::nullopt;
  std::string value;
  while (!from.empty()) {
    const char c = from.front();
    from.remove_prefix(1);
    if (c == '"') return value;
    if (c != '\\') {
      value += c;
    } else if (Take(from, "n")) {
      value += '\n';
    } else if (!from.empty() && (from.front() == '\\' || from.front() == '"')) {
      value += from.front();
      from.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<double> ReadNumber(std::string_view text) {
  if (text == "+Inf") return HUGE_VAL;
  if (text == "-Inf") return -HUGE_VAL;
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    return std::nullopt;
  return value;
}

/// One reading of a page, line by line.
class Reader {
 public:
  explicit Reader(Format format) : format_(format) {}

  Result<Samples> Run(std::string_view text) {
    if (!IsValidUtf8(text)) return Wrong("it is not UTF-8");
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return Wrong("the last line is cut");
      line_ = text.substr(0, end);
      text.remove_prefix(end + 1);
      if (ended_) return Wrong("something follows the end");
      if (const char* wrong = ReadLine()) return Wrong(wrong);
    }
    if (format_ == Format::kOpenMetrics && !ended_)
      return Wrong("the end is not marked");
    return std::move(samples_);
  }

 private:
  Error Wrong(std::string_view what) const {
    return {ErrorCode::kInvalidInput,
            std::string(what) + ": " + std::string(line_)};
  }

  // Each answers what is wrong with the line, or null.

  const char* ReadLine() {
    std::string_view rest = line_;
    if (Take(rest, "# HELP ")) return ReadHelp(rest);
    if (Take(rest, "# TYPE ")) return ReadType(rest);
    if (format_ == Format::kOpenMetrics && rest == "# EOF") {
      ended_ = true;
      return nullptr;
    }
    return ReadSample(rest);
  }

  const char* ReadHelp(std::string_view rest) {
    const std::string name(TakeName(rest));
    if (name.empty() || !Take(rest, " ") || rest.empty()) return "odd help";
    if (!families_.insert(name).second) return "a family comes twice";
    family_ = name;
    type_.clear();
    return nullptr;
  }

  const char* ReadType(std::string_view rest) {
    if (TakeName(rest) != family_ || !Take(rest, " ") || !type_.empty())
      return "a type without its help";
    type_ = rest;
    const bool known = type_ == "gauge" || type_ == "counter" ||
                       type_ == "histogram" ||
                       (type_ == "info" && format_ == Format::kOpenMetrics);
    return known ? nullptr : "an unknown type";
  }

  bool Belongs(std::string_view name) const {
    if (!name.starts_with(family_) || type_.empty()) return false;
    const std::string_view suffix = name.substr(family_.size());
    if (type_ == "histogram")
      return suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
    if (format_ == Format::kText) return suffix.empty();
    if (type_ == "counter") return suffix == "_total";
    return suffix == (type_ == "info" ? "_info" : "");
  }

  const char* ReadSample(std::string_view rest) {
    Sample sample;
    sample.name = TakeName(rest);
    if (sample.name.empty()) return "no sample";
    if (!Belongs(sample.name)) return "a sample outside of its family";
    if (Take(rest, "{")) {
      do {
        const std::string label(TakeName(rest));
        if (label.empty() || !Take(rest, "=")) return "an odd label";
        auto value = TakeValue(rest);
        if (!value) return "an odd label value";
        if (!sample.labels.emplace(label, *std::move(value)).second)
          return "a label comes twice";
      } while (Take(rest, ","));
      if (!Take(rest, "}")) return "the labels do not end";
    }
    const std::string series(line_.substr(0, line_.size() - rest.size()));
    if (!Take(rest, " ")) return "no value";
    const auto value = ReadNumber(rest);
    if (!value) return "an odd value";
    sample.value = *value;
    sample.text = rest;
    sample.only_grows = type_ == "counter" || type_ == "histogram";
    if (sample.only_grows && !(sample.value >= 0)) return "a negative counter";
    if (!samples_.emplace(series, std::move(sample)).second)
      return "a series comes twice";
    return nullptr;
  }

  const Format format_;
  std::string_view line_;
  std::string family_;
  std::string type_;
  bool ended_ = false;
  std::set<std::string> families_;
  Samples samples_;
};

}  // namespace

Result<Samples> ReadPage(std::string_view text, Format format) {
  return Reader(format).Run(text);
}

std::string FirstOf(std::string_view text,
                    const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (text.find(word) != std::string_view::npos) return word;
  }
  return {};
}

}  // namespace serverspace::stress
