#include "server/landing_page.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/timestamp.h"
#include "server/project_health.h"

namespace serverspace::server {
namespace {

// Colours keep a contrast of at least 4.5 to their ground (WCAG 2, 1.4.3), and
// none of them says anything that words do not.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Serverspace exporter</title>
<style>
:root { color-scheme: light dark;
  --ground: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d8dee4; --raised: #f6f8fa; --link: #0a58ca;
  --ok: #116329; --warning: #7d4e00; --critical: #b3141d; --warning-ground: #fff8e1; --critical-ground: #ffebe9; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #0f1318; --text: #e6eaef; --quiet: #9aa4af; --line: #30363d; --raised: #171c23; --link: #79b8ff;
  --ok: #6bd48a; --warning: #f2c14e; --critical: #ff938a; --warning-ground: #2b2410; --critical-ground: #331817; } }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; margin: 0 auto; max-width: 64rem;
  padding: 1.5rem 1rem 4rem; color: var(--text); background: var(--ground); overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p, ul, dl { margin: .5rem 0; }
ul { padding-left: 1.25rem; }
a { color: var(--link); }
nav a { display: inline-block; padding: .25rem 0; margin-right: 1.25rem; }
.quiet { color: var(--quiet); }
.ok, .warning, .critical { font-weight: 600; }
.ok { color: var(--ok); } .warning { color: var(--warning); } .critical { color: var(--critical); }
.verdict { margin: 1.25rem 0; padding: .75rem 1rem; border-left: .3rem solid var(--ok); background: var(--raised); }
.verdict p, .verdict ul { margin: 0; }
.verdict li { color: var(--text); font-weight: 400; }
.verdict.warning { border-color: var(--warning); background: var(--warning-ground); }
.verdict.critical { border-color: var(--critical); background: var(--critical-ground); }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .25rem 0; color: var(--quiet); }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-weight: 600; color: var(--quiet); vertical-align: bottom; }
tbody th { font-weight: 500; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; }
.overview tbody th, .note td { overflow-wrap: anywhere; }
.overview tbody th { min-width: 7rem; }
.overview tr:not(.note) td, .collectors td:nth-child(n + 3) { white-space: nowrap; }
.note td { border-top: 0; padding-top: 0; }
.note ul { margin: 0; }
details { border: 1px solid var(--line); border-radius: .375rem; margin: .5rem 0; padding: 0 1rem; }
summary { cursor: pointer; margin: 0 -1rem; padding: .625rem 1rem; }
summary h3 { display: inline; overflow-wrap: anywhere; }
details[open] summary { border-bottom: 1px solid var(--line); background: var(--raised); }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1.25rem; margin: .75rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  body { padding-top: 1rem; } th, td { padding-right: .5rem; } table { font-size: .875rem; }
  .overview tr > :nth-child(5), .collectors tr > :nth-child(5) { display: none; }
  details { padding: 0 .75rem; } summary { margin: 0 -.75rem; padding: .625rem .75rem; } }
@media print { details::details-content { content-visibility: visible; } }
</style>
</head>
<body>
)";

/// So many projects are shown with all they have; of more, the overview comes
/// first and the rest on demand.
constexpr std::size_t kOpenProjects = 5;
/// As many as the overview quotes of one project.
constexpr std::size_t kQuotedTroubles = 3;

constexpr std::size_t kDateBytes = std::string_view("2026-11-20").size();

struct Judged {
  const exporter::ProjectStatus& project;
  ProjectHealth health;
};

/// The worst first, else in the order given.
std::vector<Judged> Judge(const exporter::Status& status) {
  std::vector<Judged> judged;
  judged.reserve(status.projects.size());
  for (const exporter::ProjectStatus& project : status.projects)
    judged.push_back({project, JudgeProject(project, status)});
  std::vector<Judged> sorted;
  sorted.reserve(judged.size());
  for (const Health health :
       {Health::kCritical, Health::kWarning, Health::kWaiting, Health::kGood}) {
    for (Judged& one : judged) {
      if (one.health.health == health) sorted.push_back(std::move(one));
    }
  }
  return sorted;
}

std::string Plural(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) +
         (count == 1 ? "" : "s");
}

/// `<span class="critical">text</span>`, `text` being HTML.
std::string Marked(Health health, std::string_view text) {
  return "<span class=\"" + std::string(HealthName(health)) + "\">" +
         std::string(text) + "</span>";
}

std::string HealthCell(Health health) {
  if (health == Health::kWaiting) return "<span class=\"quiet\">waiting</span>";
  return Marked(health, HealthName(health));
}

std::string BalanceText(const exporter::ProjectStatus& project) {
  if (!project.money) return "<span class=\"quiet\">not known yet</span>";
  const std::string text = EscapeHtml(project.money->balance.ToString() + " " +
                                      project.money->currency);
  const Health health = JudgeBalance(project);
  return health == Health::kGood ? text : Marked(health, text);
}

std::string LimitsText(const exporter::ProjectStatus& project) {
  std::string text;
  for (const exporter::ThresholdStatus& threshold : project.thresholds) {
    text += (text.empty() ? " <span class=\"quiet\">(" : ", ") +
            EscapeHtml(threshold.severity) + " below " +
            threshold.amount.ToString();
  }
  return text.empty() ? text : text + ")</span>";
}

std::size_t CountServers(const std::map<std::string, std::size_t>& by_state) {
  std::size_t total = 0;
  for (const auto& [state, count] : by_state) total += count;
  return total;
}

std::string ServersText(const exporter::ProjectStatus& project) {
  if (!project.servers_by_state)
    return "<span class=\"quiet\">not known yet</span>";
  std::string parts;
  for (const auto& [state, count] : *project.servers_by_state) {
    parts += (parts.empty() ? " (" : ", ") + std::to_string(count) + " " +
             EscapeHtml(state.empty() ? "without a state" : state);
  }
  return std::to_string(CountServers(*project.servers_by_state)) +
         (parts.empty() ? parts : parts + ")");
}

/// What all collectors of a project know to be under way; nothing while none of
/// them has told.
struct OperationsSummary {
  bool is_known = false;
  std::size_t total = 0;
  std::string by_resource;  ///< As HTML.
  std::optional<WallTime> oldest;
};

OperationsSummary Summarize(const exporter::ProjectStatus& project) {
  OperationsSummary summary;
  for (const exporter::CollectorStatus& collector : project.collectors) {
    for (const auto& operations : collector.state.operations) {
      summary.is_known = true;
      if (operations.in_progress == 0) continue;
      summary.total += operations.in_progress;
      std::string resource = operations.resource;
      std::ranges::replace(resource, '_', ' ');
      summary.by_resource +=
          (summary.by_resource.empty() ? "" : ", ") +
          EscapeHtml(Plural(operations.in_progress, resource));
      if (operations.oldest_start &&
          (!summary.oldest || *operations.oldest_start < *summary.oldest))
        summary.oldest = operations.oldest_start;
    }
  }
  return summary;
}

std::string OperationsText(const exporter::ProjectStatus& project,
                           WallTime now) {
  const OperationsSummary summary = Summarize(project);
  if (!summary.is_known) return "<span class=\"quiet\">not known yet</span>";
  if (summary.total == 0) return "none";
  std::string text = summary.by_resource;
  if (summary.oldest) {
    text += " <span class=\"quiet\">(the oldest for " +
            SpanText(now - *summary.oldest) + ")</span>";
  }
  return text;
}

std::string Joined(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [word, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
            EscapeHtml(word.empty() ? "not asked yet" : word);
  }
  return text;
}

std::string TasksText(const exporter::TaskSummary& tasks, WallTime now) {
  std::string text = "none pending";
  if (tasks.pending > 0) {
    text = Joined(tasks.pending_by_state);
    if (tasks.oldest) {
      text += " <span class=\"quiet\">(the oldest for " +
              SpanText(now - *tasks.oldest) + ")</span>";
    }
  }
  if (!tasks.ended.empty()) text += "; ended lately: " + Joined(tasks.ended);
  return text;
}

std::string KeyText(const exporter::ProjectStatus& project, WallTime now) {
  std::string text;
  if (!project.api_key_readable)
    text = Marked(Health::kWarning, "the file gives no key");
  if (!project.api_key_expires) return text;
  if (!text.empty()) text += "; ";
  const Duration left = *project.api_key_expires - now;
  const std::string date =
      FormatTimestamp(*project.api_key_expires).substr(0, kDateBytes);
  return text + (left > Duration::zero()
                     ? "ends " + date + ", in " + SpanText(left)
                     : Marked(Health::kCritical, "ended " + date + ", " +
                                                     SpanText(-left) + " ago"));
}

// End tags that HTML lets one leave out are left out of rows: a page of 500
// projects has thousands of them.

void AppendCollector(std::string& html,
                     const exporter::CollectorStatus& collector,
                     const exporter::Status& status) {
  const exporter::CollectorState& state = collector.state;
  const Health health = JudgeCollector(state);
  html += "<tr><th scope=\"row\">" + EscapeHtml(collector.name) + "<td>";
  if (!state.supported && health == Health::kGood) {
    html += "<span class=\"quiet\">not in this project</span>";
  } else {
    html += HealthCell(health);
  }
  html += "<td>";
  html += state.last_success_mono
              ? SpanText(status.now_mono - *state.last_success_mono) + " ago"
              : "never";
  html += "<td>";
  html += state.next_run > status.now_mono
              ? "in " + SpanText(state.next_run - status.now_mono)
              : "now";
  html += "<td class=\"n\">" + std::to_string(state.series) + "\n";
  if (health > Health::kWaiting) {
    html += "<tr class=\"note\"><td colspan=\"5\">" +
            Marked(health, EscapeHtml(ReasonName(state.last_code))) + ": " +
            EscapeHtml(state.last_error) + " <span class=\"quiet\">(" +
            Plural(state.failures, "failed run") +
            (state.failures > 1 ? " in a row" : "") + ")</span>\n";
  }
}

void AppendProject(std::string& html, const Judged& judged, std::size_t number,
                   const exporter::Status& status, bool is_open) {
  const exporter::ProjectStatus& project = judged.project;
  html += is_open ? "<details open>" : "<details>";
  html += "<summary><h3>" + EscapeHtml(project.name) + "</h3> " +
          HealthCell(judged.health.health) + "</summary>\n";
  // The anchor stands inside, so that a link to it opens the details.
  html += "<dl id=\"p" + std::to_string(number) + "\"><dt>Balance<dd>" +
          BalanceText(project) + LimitsText(project);
  html += "<dt>Servers<dd>" + ServersText(project);
  html += "<dt>In progress<dd>" + OperationsText(project, status.now);
  if (project.tasks.pending > 0 || !project.tasks.ended.empty())
    html += "<dt>Watched tasks<dd>" + TasksText(project.tasks, status.now);
  if (IsOddState(project.state)) {
    html += "<dt>Project<dd>" +
            Marked(Health::kCritical, EscapeHtml(project.state));
  }
  if (project.api_key_expires || !project.api_key_readable)
    html += "<dt>API key<dd>" + KeyText(project, status.now);
  html +=
      "</dl>\n<table class=\"collectors\"><thead><tr><th "
      "scope=\"col\">Collector<th "
      "scope=\"col\">State<th scope=\"col\">Last success<th "
      "scope=\"col\">Next run<th scope=\"col\" class=\"n\">Series<tbody>\n";
  for (const exporter::CollectorStatus* collector : CoreFirst(project))
    AppendCollector(html, *collector, status);
  html += "</table></details>\n";
}

void AppendTroubles(std::string& html, const std::vector<Trouble>& troubles,
                    std::size_t limit) {
  html += "<ul>";
  const std::size_t quoted = std::min(limit, troubles.size());
  for (std::size_t i = 0; i < quoted; ++i) {
    html += "<li>" +
            Marked(troubles[i].health, HealthName(troubles[i].health)) + ": " +
            EscapeHtml(troubles[i].text);
  }
  if (quoted < troubles.size())
    html += "<li>and " + std::to_string(troubles.size() - quoted) + " more";
  html += "</ul>";
}

void AppendOverview(std::string& html, const std::vector<Judged>& projects) {
  html +=
      "<h2>Overview</h2>\n<table class=\"overview\"><thead><tr><th "
      "scope=\"col\">Project<th "
      "scope=\"col\">State<th scope=\"col\" class=\"n\">Balance<th "
      "scope=\"col\" class=\"n\">Servers<th scope=\"col\" class=\"n\">In "
      "progress<tbody>\n";
  for (std::size_t i = 0; i < projects.size(); ++i) {
    const auto& [project, health] = projects[i];
    html += "<tr><th scope=\"row\"><a href=\"#p" + std::to_string(i) + "\">" +
            EscapeHtml(project.name) + "</a><td>" + HealthCell(health.health) +
            "<td class=\"n\">" +
            (project.money ? BalanceText(project) : std::string("?")) +
            "<td class=\"n\">" +
            (project.servers_by_state
                 ? std::to_string(CountServers(*project.servers_by_state))
                 : std::string("?"));
    const OperationsSummary operations = Summarize(project);
    html += "<td class=\"n\">" +
            (operations.is_known ? std::to_string(operations.total)
                                 : std::string("?")) +
            "\n";
    if (health.troubles.empty()) continue;
    html += "<tr class=\"note\"><td colspan=\"5\">";
    AppendTroubles(html, health.troubles, kQuotedTroubles);
  }
  html += "</table>\n";
}

/// What a person must know first.
void AppendVerdict(std::string& html, const std::vector<Judged>& projects,
                   const exporter::Status& status,
                   const std::vector<Trouble>& notices) {
  std::array<std::size_t, 4> count{};
  for (const Judged& judged : projects)
    ++count.at(static_cast<std::size_t>(judged.health.health));
  const auto of = [&](Health health) {
    return count.at(static_cast<std::size_t>(health));
  };
  const Health worst_project =
      projects.empty() ? Health::kGood : projects.front().health.health;
  Health worst = worst_project;
  if (!status.healthy) worst = Health::kCritical;
  for (const Trouble& notice : notices) worst = std::max(worst, notice.health);
  html += "<div class=\"verdict " + std::string(HealthName(worst)) +
          "\" role=\"status\"><p>";
  if (projects.empty()) {
    html += "No projects are configured.";
  } else if (worst_project > Health::kWaiting) {
    const std::size_t bad = of(Health::kCritical) + of(Health::kWarning);
    html += Marked(worst_project, projects.size() == 1
                                      ? "Needs attention"
                                      : std::to_string(bad) + " of " +
                                            Plural(projects.size(), "project") +
                                            (bad == 1 ? " needs" : " need") +
                                            " attention");
    if (projects.size() > 1) {
      html += " (" + std::to_string(of(Health::kCritical)) + " critical, " +
              std::to_string(of(Health::kWarning)) + " warning)";
    }
  } else if (worst_project == Health::kWaiting) {
    html += "Waiting for the first answers of " +
            Plural(of(Health::kWaiting), "project") + ".";
  } else {
    html += Marked(Health::kGood,
                   worst == Health::kGood ? "All is well" : "No trouble") +
            " with " + Plural(projects.size(), "project") + ".";
  }
  html += "</p>";
  if (!status.healthy) {
    html += "<p>" +
            Marked(Health::kCritical, "Polling hangs: restart the exporter.") +
            "</p>";
  }
  if (!notices.empty()) AppendTroubles(html, notices, notices.size());
  if (projects.size() == 1 && !projects.front().health.troubles.empty()) {
    const auto& troubles = projects.front().health.troubles;
    AppendTroubles(html, troubles, troubles.size());
  }
  html += "</div>\n";
}

void AppendDrift(std::string& html,
                 const std::vector<exporter::DriftStatus>& drift,
                 std::string_view caption) {
  if (drift.empty()) return;
  html += "<table><caption>" + std::string(caption) +
          "</caption><thead><tr><th scope=\"col\">Field<th "
          "scope=\"col\">Seen<th scope=\"col\" class=\"n\">Times<tbody>\n";
  for (const exporter::DriftStatus& row : drift) {
    std::string words;
    for (const std::string& word : row.words)
      words += (words.empty() ? "" : ", ") + EscapeHtml(word);
    html += "<tr><th scope=\"row\">" + EscapeHtml(row.field) + "<td>" + words +
            "<td class=\"n\">" + std::to_string(row.count) + "\n";
  }
  html += "</table>\n";
}

}  // namespace

std::string RenderLandingPage(const exporter::Status& status,
                              std::string_view version,
                              const std::vector<Trouble>& notices) {
  const std::vector<Judged> projects = Judge(status);
  std::string html(kHead);
  html += "<header><h1>Serverspace exporter</h1>\n<p class=\"quiet\">Version " +
          EscapeHtml(version) + ", as of " + FormatTimestamp(status.now) +
          (status.ready ? "" : ", not ready yet") +
          "</p>\n<nav aria-label=\"Exporter\"><a href=\"/metrics\">Metrics</a> "
          "<a href=\"/-/ready\">Ready</a> <a href=\"/-/healthy\">Healthy</a>"
          "</nav></header>\n<main>\n";
  AppendVerdict(html, projects, status, notices);
  if (projects.size() > 1) AppendOverview(html, projects);
  if (!projects.empty())
    html += projects.size() > 1 ? "<h2>Projects</h2>\n" : "<h2>Project</h2>\n";
  for (std::size_t i = 0; i < projects.size(); ++i) {
    AppendProject(html, projects[i], i, status,
                  projects.size() <= kOpenProjects);
  }
  if (!status.unknown_values.empty() || !status.bad_items.empty()) {
    html +=
        "<h2>Differences of the API</h2>\n<p>Since the start, answers held "
        "what "
        "this version does not know. All else is read as before; a newer "
        "version may know more.</p>\n";
    AppendDrift(html, status.unknown_values,
                "Unknown words, shown as they are");
    AppendDrift(html, status.bad_items, "Items and members left out");
  }
  html += "</main>\n</body>\n</html>\n";
  return html;
}

}  // namespace serverspace::server
