#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <unistd.h>

#include "app/check_balance.h"
#include "app/check_config.h"
#include "app/command_line.h"
#include "app/config_summary.h"
#include "app/exporter_options.h"
#include "app/healthcheck.h"
#include "app/once.h"
#include "app/process.h"
#include "app/report.h"
#include "app/serve.h"
#include "base/environment.h"
#include "base/memory.h"
#include "http/httplib_transport.h"
#include "server/web_config.h"

namespace serverspace::app {
namespace {

using Problems = std::vector<config::Problem>;

int RunHealthcheck(const CommandLine& command, const config::LoadInput& input) {
  const auto web = config::LoadWeb(input);
  if (!web.ok()) return Refuse(web.error());
  const auto target = FindHealthTarget(command.url, web.value());
  if (!target.ok()) return Refuse(target.error());
  return Print(Healthcheck(target.value(), SystemClock()));
}

/// The line with the first problem, for a program that reads one line.
std::string FirstOf(const Problems& problems) {
  std::string text = problems.front().ToString();
  if (problems.size() > 1)
    text += " (and " + std::to_string(problems.size() - 1) + " more)";
  return text;
}

int RunCheckBalance(const CommandLine& command,
                    const Result<config::Loaded, Problems>& loaded) {
  if (!loaded.ok()) return Print(BalanceUnknown(FirstOf(loaded.error())));
  const config::Config& config = loaded.value().config;
  SystemClock clock;
  const auto transport =
      http::HttplibTransport::Create(MakeTransportOptions(config), clock);
  if (!transport.ok()) return Print(BalanceUnknown(transport.error().message));
  return Print(CheckBalance(config,
                            {.project = command.project,
                             .warning = command.warning,
                             .critical = command.critical},
                            *transport.value(), clock));
}

/// A web configuration and what it names; an empty one without a file.
Result<server::WebConfig, Problems> TryWebConfig(
    const config::WebSettings& settings) {
  if (settings.config_file.empty()) return server::WebConfig();
  auto web = server::ReadWebConfig(settings.config_file);
  if (!web.ok()) return web;
  auto tls = server::LoadTls(web.value());
  if (!tls.ok()) return std::move(tls).error();
  return web;
}

void PrintWarnings(const Problems& warnings) {
  for (const config::Problem& warning : warnings)
    std::fprintf(stderr, "warning: %s\n", warning.ToString().c_str());
}

int RunCheckConfig(const CommandLine& command, const config::Loaded& loaded) {
  PrintWarnings(loaded.warnings);
  const auto web = TryWebConfig(loaded.config.web);
  if (!web.ok()) return Refuse(web.error());
  PrintWarnings(web.value().warnings);
  SystemClock clock;
  const auto transport = http::HttplibTransport::Create(
      MakeTransportOptions(loaded.config), clock);
  if (!transport.ok()) {
    return Refuse({{"", 0, 0, "", transport.error().message}});
  }
  return Print(CheckConfig(loaded.config, command.assumed_servers,
                           command.online ? transport.value().get() : nullptr,
                           clock));
}

int RunOnce(const CommandLine& command, const config::Config& config,
            Logger& log) {
  const auto is_known = [&](const std::string& name) {
    return std::ranges::find(config.projects, name,
                             &config::ProjectSettings::name) !=
           config.projects.end();
  };
  if (!std::ranges::all_of(command.targets.filter.projects, is_known))
    return Refuse(
        {{"", 0, 0, "--sd.query", "names a project that is not configured"}});
  if (const auto problem =
          WhyNotWritten(command.output, command.targets, config.state_file)) {
    return Refuse({*problem});
  }
  return Once(config, command.output, command.targets, command.timeout, log);
}

int Run(int argc, const char* const* argv) {
  const std::vector<config::CollectorDefaults> collectors = CollectorDefaults();
  const auto parsed = ParseCommandLine(argc, argv, collectors);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    if (exit->to_stdout) return Print(exit->report);
    std::fputs(exit->report.text.c_str(), stderr);
    return exit->report.status;
  }
  const auto& command = std::get<CommandLine>(parsed);
  const SystemEnvironment environment;
  const config::LoadInput input{.config_file = command.config_file,
                                .environment = environment,
                                .flags = command.flags,
                                .collectors = collectors,
                                .only_project = command.project};
  if (command.command == Command::kHealthcheck)
    return RunHealthcheck(command, input);

  const auto loaded = config::Load(input);
  if (command.command == Command::kCheckBalance)
    return RunCheckBalance(command, loaded);
  if (!loaded.ok()) return Refuse(loaded.error());
  if (command.command == Command::kCheckConfig)
    return RunCheckConfig(command, loaded.value());

  const std::unique_ptr<Logger> log =
      MakeStderrLogger(command.log_level, command.log_format);
  LogWarnings(loaded.value().warnings, *log);
  const config::Config& config = loaded.value().config;
  if (command.command == Command::kOnce) return RunOnce(command, config, *log);
  const auto manager = FindServiceManager(environment, getpid(),
                                          config.web.systemd_socket, *log);
  if (!manager.ok()) return Refuse({{"", 0, 0, "", manager.error().message}});
  ForgetServiceManager();
  // Before any thread, so that none is interrupted.
  BlockSignals();
  return Serve(
      config, [&input] { return config::Load(input); }, command.port_file, *log,
      manager.value());
}

}  // namespace
}  // namespace serverspace::app

int main(int argc, char** argv) {
  serverspace::app::HideMemory();
  serverspace::app::HoldStandardDescriptors();
  serverspace::KeepLargeBlocksApart();
  serverspace::app::IgnoreBrokenPipes();
  try {
    return serverspace::app::Run(argc, argv);
  } catch (const std::exception&) {
    // Only what nobody foresaw comes here; its text may hold anything.
    std::fputs("serverspace_exporter: internal error\n", stderr);
    return 1;
  }
}
