#include "metrics/process_metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/number.h"
#include "metrics/sample_set.h"

namespace serverspace::metrics {
namespace {

constexpr std::array kDescs = {
    Desc{"process_cpu_seconds_total",
         Type::kCounter,
         "Total user and system CPU time spent in seconds.",
         {}},
    Desc{"process_max_fds",
         Type::kGauge,
         "Maximum number of open file descriptors.",
         {}},
    Desc{"process_open_fds",
         Type::kGauge,
         "Number of open file descriptors.",
         {}},
    Desc{"process_resident_memory_bytes",
         Type::kGauge,
         "Resident memory size in bytes.",
         {}},
    Desc{"process_start_time_seconds",
         Type::kGauge,
         "Start time of the process since unix epoch in seconds.",
         {}},
    Desc{"process_threads", Type::kGauge, "Number of threads.", {}},
    Desc{"process_virtual_memory_bytes",
         Type::kGauge,
         "Virtual memory size in bytes.",
         {}},
};
constexpr const Desc& kCpu = kDescs[0];
constexpr const Desc& kMaxFds = kDescs[1];
constexpr const Desc& kOpenFds = kDescs[2];
constexpr const Desc& kResident = kDescs[3];
constexpr const Desc& kStartTime = kDescs[4];
constexpr const Desc& kThreads = kDescs[5];
constexpr const Desc& kVirtual = kDescs[6];

std::vector<std::string_view> Words(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n";
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t start = text.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return words;
    const std::size_t end =
        std::min(text.find_first_of(kSpace, start), text.size());
    words.push_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
}

/// What follows `key` on the line that starts with it; empty if there is none.
std::vector<std::string_view> WordsAfter(std::string_view text,
                                         std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return Words(line.substr(key.size()));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

std::string Read(const std::string& path) {
  constexpr std::size_t kLimit = 1024 * 1024;
  auto content = ReadFile(path, kLimit);
  return content.ok() ? std::move(content).value() : std::string();
}

std::optional<std::int64_t> CountEntries(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  std::int64_t count = 0;
  while (!error && entry != std::filesystem::directory_iterator()) {
    ++count;
    entry.increment(error);
  }
  if (error) return std::nullopt;
  return count;
}

/// proc(5), /proc/[pid]/stat.
void AddStat(const std::string& stat, WallTime booted, SampleSet& out) {
  // The command, field 2, stands in parentheses and may hold anything.
  const std::size_t command_end = stat.rfind(')');
  if (command_end == std::string::npos) return;
  const auto words = Words(std::string_view(stat).substr(command_end + 1));
  const auto field = [&](std::size_t number) -> std::optional<std::int64_t> {
    constexpr std::size_t kFirst = 3;
    if (number - kFirst >= words.size()) return std::nullopt;
    return ParseNumber<std::int64_t>(words[number - kFirst]);
  };
  const auto user = field(14);
  const auto system = field(15);
  const auto threads = field(20);
  const auto start = field(22);
  const auto virtual_bytes = field(23);
  const auto resident_pages = field(24);

  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (user && system)
    out.Add(kCpu, {}, static_cast<double>(*user + *system) / ticks_per_second);
  if (threads) out.Add(kThreads, {}, *threads);
  if (virtual_bytes) out.Add(kVirtual, {}, *virtual_bytes);
  if (resident_pages)
    out.Add(kResident, {}, *resident_pages * ::sysconf(_SC_PAGESIZE));

  if (start) {
    out.Add(
        kStartTime, {},
        UnixSeconds(booted) + static_cast<double>(*start) / ticks_per_second);
  }
}

}  // namespace

ProcessMetrics::ProcessMetrics(std::string proc, WallTime booted)
    : proc_(std::move(proc)), booted_(booted) {}

std::span<const Desc> ProcessMetrics::Describe() { return kDescs; }

Fragment ProcessMetrics::Render() const {
  SampleSet out("");
  AddStat(Read(proc_ + "/self/stat"), booted_, out);

  // Absent where there is no limit: the word there is `unlimited`.
  const std::string limits = Read(proc_ + "/self/limits");
  const auto max_fds = WordsAfter(limits, "Max open files");
  if (!max_fds.empty()) {
    if (const auto number = ParseNumber<std::int64_t>(max_fds.front()))
      out.Add(kMaxFds, {}, *number);
  }

  if (const auto count = CountEntries(proc_ + "/self/fd"))
    out.Add(kOpenFds, {}, *count);
  return std::move(out).Render();
}

}  // namespace serverspace::metrics
