#include "app/check_config.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "api/admission.h"
#include "app/api_access.h"
#include "app/plan.h"
#include "app/table.h"
#include "base/result.h"
#include "collectors/registry.h"
#include "config/values.h"
#include "server/project_health.h"

namespace serverspace::app {
namespace {

using std::chrono::seconds;

/// Of one project, the wait for its turn at the host included.
constexpr Duration kPatience = seconds(60);
/// Certificates bear more, but somebody should know.
constexpr Duration kClockTolerance = seconds(30);

/// What one project answered.
struct Answer {
  std::optional<Error> error;
  api::Project project;
  std::optional<int> servers;
};
using Answers = std::map<std::string, Answer>;

Answer Ask(api::ProjectClient& client, const Clock& clock) {
  const api::Call call{.deadline = clock.Mono() + kPatience, .stop = {}};
  Answer answer;
  auto project = client.GetProject(call);
  if (!project.ok()) {
    answer.error = std::move(project).error();
    return answer;
  }
  answer.project = std::move(project).value();
  auto servers = client.ListServers(call);
  if (servers.ok()) {
    answer.servers = static_cast<int>(servers.value().size());
  } else {
    answer.error = std::move(servers).error();
  }
  return answer;
}

Answers AskAll(const config::Config& config, ApiAccess& access,
               const Clock& clock) {
  std::vector<Answer> answers(config.projects.size());
  std::vector<std::unique_ptr<api::ProjectClient>> clients;
  for (const config::ProjectSettings& project : config.projects)
    clients.push_back(access.MakeClient(project, 1));
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> threads;
    const auto limit =
        static_cast<std::size_t>(api::Admission::Limits().per_host);
    for (std::size_t i = 0; i < std::min(limit, clients.size()); ++i) {
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < clients.size(); at = next++)
          answers[at] = Ask(*clients[at], clock);
      });
    }
  }
  Answers by_name;
  for (std::size_t i = 0; i < answers.size(); ++i)
    by_name.emplace(config.projects[i].name, std::move(answers[i]));
  return by_name;
}

std::string Decimal(double value) {
  // Hourly calls of a small project are no nothing.
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 10 ? "%.2f" : "%.1f", value);
  return text.data();
}

std::string Number(std::size_t value) { return std::to_string(value); }

std::string Summary(const config::Config& config) {
  std::string listen;
  for (const std::string& address : config.web.listen_addresses)
    listen += (listen.empty() ? "" : ", ") + address;
  std::vector<std::vector<std::string>> rows = {
      {"projects", Number(config.projects.size())},
      {"shard", config.shard.count == 1
                    ? "the only one"
                    : std::to_string(config.shard.index) + " of " +
                          std::to_string(config.shard.count) +
                          " (from 0): the projects are those of this one"},
      {"listen on", listen},
      {"web config", config.web.config_file.empty()
                         ? "none: no TLS, no passwords"
                         : config.web.config_file},
      {"state", config.state_file.empty()
                    ? "in memory only: totals begin at 0 with each start"
                    : config.state_file},
      {"rate limit", Decimal(config.api.max_requests_per_second) +
                         " requests per second and project"},
      {"proxy", config.api.proxy_url.empty() ? "none" : "set"},
      {"certificates", config.api.ca_file.empty()
                           ? "the system's"
                           : "the system's and " + config.api.ca_file}};
  return AlignColumns(rows);
}

std::string CollectorTable(const config::Config& config) {
  std::vector<std::vector<std::string>> rows = {
      {"collector", "interval", "calls of a run"}};
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    const config::CollectorSettings& settings =
        config.collectors.at(std::string(row.name));
    rows.push_back(
        {std::string(row.name),
         settings.enabled ? config::FormatDuration(settings.interval) : "off",
         settings.enabled ? CallsText(row.calls) : ""});
  }
  return AlignColumns(rows);
}

std::string OnlineTable(const Answers& answers) {
  std::vector<std::vector<std::string>> rows = {
      {"project", "answer", "balance", "state", "servers"}};
  for (const auto& [name, answer] : answers) {
    if (answer.error) {
      rows.push_back(
          {name, server::ErrorText(answer.error->code, answer.error->message)});
    } else {
      rows.push_back(
          {name, "ok",
           answer.project.balance.ToString() + " " + answer.project.currency,
           answer.project.state, std::to_string(answer.servers.value_or(0))});
    }
  }
  return AlignColumns(rows);
}

std::string ClockLines(const std::map<std::string, Duration>& offsets) {
  std::string text;
  for (const auto& [host, offset] : offsets) {
    text += "clock of " + host + ": ";
    if (std::chrono::abs(offset) < seconds(1)) {
      text += "as ours";
    } else {
      text += Decimal(std::abs(Seconds(offset))) + " s " +
              (offset > Duration::zero() ? "ahead of" : "behind") + " ours";
    }
    if (std::chrono::abs(offset) > kClockTolerance)
      text += " (one of the two is wrong: check the time of this machine)";
    text += "\n";
  }
  return text;
}

std::string PlanTables(const Plan& plan, const Answers& answers) {
  std::vector<std::vector<std::string>> projects = {
      {"project", "host", "servers", "calls/min", "series"}};
  std::string notes;
  for (const ProjectPlan& project : plan.projects) {
    const auto known = answers.find(project.project);
    const bool is_known =
        known != answers.end() && known->second.servers.has_value();
    projects.push_back(
        {project.project, project.host,
         std::to_string(project.servers) + (is_known ? "" : " assumed"),
         Decimal(project.calls_per_minute), Number(project.series)});
    for (const std::string& collector : project.too_slow) {
      notes += "project " + project.project + ": a run of " + collector +
               " cannot end within its interval at this rate; raise "
               "collectors." +
               collector + ".interval (--collector." + collector +
               ".interval)\n";
    }
  }
  std::vector<std::vector<std::string>> hosts = {
      {"host", "projects", "calls/min"}};
  for (const auto& [name, host] : plan.hosts) {
    hosts.push_back(
        {name, Number(host.projects), Decimal(host.calls_per_minute)});
  }
  return AlignColumns(projects) + "\n" + AlignColumns(hosts) +
         "\nin all: " + Decimal(plan.calls_per_minute) +
         " calls per minute, about " + Number(plan.series) + " series, " +
         Number(plan.own_series) + " of them about the exporter itself\n" +
         notes;
}

}  // namespace

Report CheckConfig(const config::Config& config, int assumed_servers,
                   http::Transport* transport, Clock& clock) {
  Report report;
  Answers answers;
  std::string verdict = "the configuration is good\n";
  std::string online;
  if (transport != nullptr) {
    ApiAccess access(config.api, *transport, clock);
    answers = AskAll(config, access, clock);
    online = OnlineTable(answers) + ClockLines(access.ClockOffsets()) + "\n";
    const auto failed = std::ranges::count_if(answers, [](const auto& entry) {
      return entry.second.error.has_value();
    });
    if (failed > 0) {
      report.status = kFailed;
      verdict = std::to_string(failed) + " of " +
                std::to_string(answers.size()) +
                " projects could not be read (see below); the configuration "
                "itself is good\n";
    }
  }
  const Plan plan = MakePlan(config, [&](const std::string& project) {
    const auto known = answers.find(project);
    return known == answers.end()
               ? assumed_servers
               : known->second.servers.value_or(assumed_servers);
  });
  report.text = verdict + "\n" + Summary(config) + "\n" +
                CollectorTable(config) + "\n" + online +
                PlanTables(plan, answers);
  return report;
}

}  // namespace serverspace::app
