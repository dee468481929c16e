#include "server/landing_page.h"

#include <chrono>

#include "base/text.h"
#include "base/timestamp.h"

namespace serverspace::server {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Serverspace exporter</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem; }
section { margin: 2rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
.bad { color: #c02020; }
@media (prefers-color-scheme: dark) { .bad { color: #ff8080; } }
</style>
</head>
<body>
<h1>Serverspace exporter</h1>
)";

/// `just now`, `42 s`, `3 min`, `2 h`, `5 d`.
std::string Span(Duration duration) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(duration).count();
  if (seconds < 1) return "less than 1 s";
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " d";
}

std::string ServersText(const exporter::ProjectStatus& project) {
  if (!project.servers_by_state) return "not known yet";
  std::size_t total = 0;
  std::string parts;
  for (const auto& [state, count] : *project.servers_by_state) {
    total += count;
    parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " +
             EscapeHtml(state.empty() ? "without a state" : state);
  }
  return std::to_string(total) + (parts.empty() ? "" : " (" + parts + ")");
}

std::size_t InProgress(const exporter::ProjectStatus& project) {
  std::size_t count = 0;
  if (project.servers_by_state) {
    for (const auto& [state, servers] : *project.servers_by_state) {
      if (state == "new" || state == "busy") count += servers;
    }
  }
  return count;
}

void AppendCollector(std::string& html,
                     const exporter::CollectorStatus& collector,
                     const exporter::Status& status) {
  const exporter::CollectorState& state = collector.state;
  html += "<tr><td>" + EscapeHtml(collector.name) + "</td><td>";
  html += state.last_success_mono
              ? Span(status.now_mono - *state.last_success_mono) + " ago"
              : "never";
  html += "</td><td>";
  html += state.next_run > status.now_mono
              ? "in " + Span(state.next_run - status.now_mono)
              : "now";
  html += "</td><td>" + std::to_string(state.series) + "</td>";
  if (!state.supported) {
    html += "<td>not available in this project</td>";
  } else if (state.last_error.empty()) {
    html += "<td>none</td>";
  } else {
    html += "<td class=\"bad\">" + EscapeHtml(ReasonName(state.last_code)) +
            ": " + EscapeHtml(state.last_error) + "</td>";
  }
  html += "</tr>\n";
}

void AppendProject(std::string& html, const exporter::ProjectStatus& project,
                   const exporter::Status& status) {
  html += "<section>\n<h2>" + EscapeHtml(project.name) + "</h2>\n<p>Balance: ";
  html += project.money ? EscapeHtml(project.money->balance.ToString() + " " +
                                     project.money->currency)
                        : "not known yet";
  html += "<br>Servers: " + ServersText(project);
  html += "<br>Operations in progress: " + std::to_string(InProgress(project)) +
          "</p>\n";
  html +=
      "<table>\n<tr><th>Collector</th><th>Last success</th><th>Next "
      "run</th><th>Series</th><th>Last error</th></tr>\n";
  for (const exporter::CollectorStatus& collector : project.collectors)
    AppendCollector(html, collector, status);
  html += "</table>\n</section>\n";
}

}  // namespace

std::string RenderLandingPage(const exporter::Status& status,
                              std::string_view version) {
  std::string html(kHead);
  html += "<p>Version " + EscapeHtml(version) + ", " +
          FormatTimestamp(status.now) +
          ". <a href=\"/metrics\">Metrics</a>, <a href=\"/-/ready\">ready</a>, "
          "<a href=\"/-/healthy\">healthy</a></p>\n";
  if (status.projects.empty()) html += "<p>No projects are configured.</p>\n";
  for (const exporter::ProjectStatus& project : status.projects)
    AppendProject(html, project, status);
  html += "</body>\n</html>\n";
  return html;
}

}  // namespace serverspace::server
