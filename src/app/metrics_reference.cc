#include "app/metrics_reference.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "app/plan.h"
#include "app/reload.h"
#include "collectors/registry.h"
#include "config/values.h"
#include "exporter/api_metrics.h"
#include "exporter/collector_state.h"
#include "exporter/exporter.h"
#include "exporter/state_stats.h"
#include "metrics/desc.h"
#include "metrics/process_metrics.h"
#include "server/routes.h"
#include "server/sd_route.h"
#include "server/web_security.h"
#include "tasks/task_metrics.h"

namespace serverspace::app {
namespace {

using collectors::CollectorRow;
using metrics::Desc;
using metrics::Type;
using Descs = std::vector<const Desc*>;

/// What some collector reads carries the project first; nobody names it in a
/// descriptor.
enum class Scope { kProject, kExporter };

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kGauge:
      return "gauge";
    case Type::kCounter:
      return "counter";
    case Type::kInfo:
      return "info";
    case Type::kHistogram:
      break;
  }
  return "histogram";
}

bool HasLabel(const Desc& desc, std::string_view label) {
  const auto labels = desc.labels.Get();
  return std::ranges::find(labels, label) != labels.end();
}

/// Names end in their base unit, so the unit is told from the name.
std::string_view UnitOf(const Desc& desc) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7>
      kSuffixes = {{{"_timestamp_seconds", "seconds since 1970"},
                    {"_start_time_seconds", "seconds since 1970"},
                    {"_bytes_per_second", "bytes per second"},
                    {"_seconds", "seconds"},
                    {"_bytes", "bytes"},
                    {"_ratio", "0 to 1"},
                    {"_balance_threshold", "currency units"}}};
  if (desc.type == Type::kInfo) return "always 1";
  std::string_view name = desc.name;
  constexpr std::string_view kTotal = "_total";
  if (name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  for (const auto& [suffix, unit] : kSuffixes) {
    if (name.ends_with(suffix)) return unit;
  }
  if (HasLabel(desc, "currency")) return "currency units";
  const bool is_switch =
      desc.help.starts_with("1 ") || desc.help.starts_with("0 ");
  return is_switch ? "0 or 1" : "number";
}

std::string LabelsText(const Desc& desc, Scope scope) {
  std::string text = scope == Scope::kProject ? "`project`" : "";
  for (const std::string_view label : desc.labels.Get())
    text += (text.empty() ? "`" : ", `") + std::string(label) + "`";
  return text;
}

std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? "\\|" : std::string(1, c);
  return cell;
}

std::string Table(Descs descs, Scope scope) {
  std::ranges::sort(descs, {}, &Desc::name);
  std::string text =
      "| metric | type | unit | labels | help |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Desc* desc : descs) {
    text += "| `" + std::string(desc->name) + "` | ";
    text += TypeName(desc->type);
    text += " | ";
    text += UnitOf(*desc);
    text +=
        " | " + LabelsText(*desc, scope) + " | " + Cell(desc->help) + " |\n";
  }
  return text;
}

std::string_view DefaultText(collectors::Presence presence) {
  return presence == collectors::Presence::kOff ? "off" : "on";
}

std::string CollectorTable() {
  std::string text =
      "| collector | default | interval | API calls a run | tells |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const CollectorRow& row : collectors::AllCollectors()) {
    text += "| [`" + std::string(row.name) + "`](#" + std::string(row.name) +
            ") | ";
    text += DefaultText(row.presence);
    text += " | " + config::FormatDuration(row.interval) + " | " +
            CallsText(row.calls) + " | " + Cell(row.help) + " |\n";
  }
  return text;
}

Descs ToList(std::span<const Desc* const> descs) {
  return {descs.begin(), descs.end()};
}

std::string Section(std::string_view title, std::string_view words,
                    const Descs& descs, Scope scope) {
  return "\n## " + std::string(title) + "\n\n" + std::string(words) + "\n\n" +
         Table(descs, scope);
}

/// The families of each collector, and once those that several have.
std::string CollectorSections() {
  std::vector<Descs> own;
  std::map<std::string_view, std::string> told_by;
  std::set<std::string_view> shared_names;
  Descs shared;
  const auto rows = collectors::AllCollectors();
  // Descriptors are constants, so they outlive the collector that names them.
  for (const CollectorRow& row : rows) {
    own.push_back(ToList(row.make()->Describe()));
    for (const Desc* desc : own.back()) {
      std::string& names = told_by[desc->name];
      if (!names.empty() && shared_names.insert(desc->name).second)
        shared.push_back(desc);
      names += (names.empty() ? "`" : ", `") + std::string(row.name) + "`";
    }
  }
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::erase_if(own[i], [&](const Desc* desc) {
      return shared_names.contains(desc->name);
    });
    const std::string words =
        std::string(rows[i].help) + ". " +
        (rows[i].presence == collectors::Presence::kOff ? "Off" : "On") +
        " by default, every " + config::FormatDuration(rows[i].interval) +
        "; API calls a run: " + CallsText(rows[i].calls) + ".";
    text += Section(rows[i].name, words, own[i], Scope::kProject);
  }
  std::string words = "Families that more than one collector adds to:\n";
  std::ranges::sort(shared, {}, &Desc::name);
  for (const Desc* desc : shared) {
    words += "\n- `" + std::string(desc->name) + "`: " + told_by[desc->name];
  }
  return text +
         Section("Told by several collectors", words, shared, Scope::kProject);
}

Descs ExporterDescs() {
  Descs descs = ToList(exporter::Exporter::Describe());
  for (const auto part : {Reloader::Describe(), exporter::StateStatsDescs(),
                          server::ListenerDescs(), server::SdRoute::Describe(),
                          server::WebSecurity::Describe()}) {
    descs.insert(descs.end(), part.begin(), part.end());
  }
  return descs;
}

Descs ProcessDescs() {
  Descs descs;
  for (const Desc& desc : metrics::ProcessMetrics::Describe())
    descs.push_back(&desc);
  return descs;
}

}  // namespace

std::string MetricsReference() {
  return "## Collectors\n\n" + CollectorTable() + CollectorSections() +
         Section("Watched tasks",
                 "Tasks whose ids were handed over; see [tasks](tasks.md). The "
                 "totals survive a restart. On a filtered page they are the "
                 "collector `tasks`.",
                 ToList(tasks::TaskDescs()), Scope::kProject) +
         Section("How collectors fare",
                 "For each project and each collector that is on.",
                 ToList(exporter::CollectorStateDescs()), Scope::kProject) +
         Section("Requests to the API", "As the exporter's client sees them.",
                 ToList(exporter::ApiMetrics::Describe()), Scope::kExporter) +
         Section("The exporter", "About itself.", ExporterDescs(),
                 Scope::kExporter) +
         Section("The process", "The set of every Prometheus client library.",
                 ProcessDescs(), Scope::kExporter);
}

}  // namespace serverspace::app
