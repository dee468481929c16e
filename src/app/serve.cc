#include "app/serve.h"

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/config_summary.h"
#include "app/exporter_options.h"
#include "app/notices.h"
#include "app/process.h"
#include "app/report.h"
#include "app/version.h"
#include "app/watchdog.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "exporter/disk_state.h"
#include "exporter/exporter.h"
#include "http/httplib_transport.h"
#include "server/listener.h"
#include "server/routes.h"
#include "server/sd_route.h"
#include "server/web_security.h"

namespace serverspace::app {
namespace {

constexpr unsigned kPublicFile = 0644;

/// `127.0.0.1:10066` for each address, with the port that it got.
std::string BoundAddresses(const config::WebSettings& web,
                           const std::vector<std::uint16_t>& ports,
                           const std::vector<std::string>& passed) {
  std::string text;
  for (std::size_t i = 0; i < web.listen_addresses.size() && i < ports.size();
       ++i) {
    const std::string& address = web.listen_addresses[i];
    text += address.substr(0, address.rfind(':')) + ":" +
            std::to_string(ports[i]) + "\n";
  }
  for (const std::string& address : passed) text += address + "\n";
  return text;
}

std::string JoinLines(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ',';
  }
  return text;
}

/// Has the listener serve on the passed sockets alone; answers where.
Result<std::vector<std::string>> TakePassed(
    const std::vector<PassedSocket>& sockets, server::ListenerOptions& web) {
  if (sockets.empty()) {
    return Error{ErrorCode::kInvalidInput,
                 "no socket was passed, though --web.systemd-socket wants one: "
                 "start it by its socket unit, or unset it"};
  }
  std::vector<std::string> addresses;
  for (const PassedSocket& socket : sockets) {
    auto address = BoundAddress(socket);
    if (!address.ok()) return std::move(address).error();
    addresses.push_back(std::move(address).value());
    web.inherited_sockets.push_back(socket.descriptor);
  }
  return addresses;
}

/// Says where the listener is to serve; answers the addresses of the sockets
/// that were passed.
Result<std::vector<std::string>> SetAddresses(
    const config::WebSettings& settings,
    const std::vector<PassedSocket>& sockets, Logger& log,
    server::ListenerOptions& web) {
  web.addresses = settings.listen_addresses;
  if (settings.systemd_socket) return TakePassed(sockets, web);
  if (!sockets.empty()) {
    log.Warn("sockets of a socket unit are not used",
             {{"setting", "web.systemd-socket"}});
  }
  return std::vector<std::string>();
}

std::string Watching(const exporter::Exporter& exporter) {
  const std::size_t count = exporter.ProjectNames().size();
  return "watching " + std::to_string(count) +
         (count == 1 ? " project" : " projects");
}

using Security = std::unique_ptr<server::WebSecurity>;

/// Null without a file.
Result<Security, std::vector<config::Problem>> LoadSecurity(
    const std::string& file, Clock& clock, Logger& log) {
  if (file.empty()) return Security();
  return server::WebSecurity::Load(file, clock, log);
}

void Secure(server::ListenerOptions& options, const Security& security) {
  if (security == nullptr) return;
  server::WebSecurity* const source = security.get();
  options.access = source->access();
  if (source->uses_tls()) options.tls = [source] { return source->tls(); };
  options.security_headers = [source] { return source->header_lines(); };
}

Result<void> ReloadSecurity(const Security& security) {
  return security == nullptr ? Result<void>() : security->Reload();
}

std::optional<WallTime> Refused(const Security& security) {
  return security == nullptr ? std::nullopt : security->refused();
}

Result<void> Both(Result<void> first, Result<void> second) {
  if (first.ok()) return second;
  if (second.ok()) return first;
  return Error{first.error().code,
               first.error().message + "\n" + second.error().message};
}

void LogStart(const config::Config& config, const std::string& addresses,
              bool tls, Logger& log) {
  const ConfigSummary summary = Summarize(config);
  log.Info("serving",
           {{"version", ThisBuild().version},
            {"addresses", JoinLines(addresses)},
            {"projects", config.projects.size()},
            {"collectors", summary.collectors},
            {"api_hosts", summary.api_hosts},
            {"state", summary.state},
            {"web_config",
             config.web.config_file.empty() ? "none" : config.web.config_file},
            {"tls", tls ? "true" : "false"}});
}

/// Returns when a signal to end has come.
void AwaitEnd(Watchdog& watchdog, const std::function<Result<void>()>& reload) {
  for (;;) {
    watchdog.Turn();
    const int signal = AwaitSignal(watchdog.pause());
    if (signal == 0) continue;
    if (signal != SIGHUP) return;
    // Why it failed is in the log.
    std::ignore = reload();
  }
}

}  // namespace

int Serve(const config::Config& config, const Reloader::Loader& load,
          const std::string& port_file, Logger& log,
          const ServiceManager& manager) {
  SystemClock clock;
  auto security = LoadSecurity(config.web.config_file, clock, log);
  if (!security.ok()) return Refuse(security.error());
  Random random(std::random_device{}());
  const auto store = exporter::OpenState(config.state_file, clock, log);
  if (!store.ok())
    return Fail(log, "cannot keep the state", store.error(), kBadSetup);
  auto transport =
      http::HttplibTransport::Create(MakeTransportOptions(config), clock);
  if (!transport.ok()) {
    return Fail(log, "cannot prepare requests to the API", transport.error(),
                kBadSetup);
  }

  exporter::Exporter exporter(MakeExporterOptions(config),
                              {.transport = *transport.value(),
                               .store = *store.value(),
                               .clock = clock,
                               .random = random,
                               .log = log});
  server::SdRoute discovery([&] { return exporter.GetServerLists(); }, clock);
  Reloader reloader(
      load,
      [&](const config::Config& next) -> Result<exporter::Changes> {
        auto options = MakeTransportOptions(next);
        auto routed = transport.value()->Reconfigure(std::move(options));
        if (!routed.ok()) return std::move(routed).error();
        discovery.SetProjects(ProjectNames(next));
        return exporter.Apply(MakeExporterOptions(next));
      },
      config, clock, log);
  const auto reload = [&] {
    std::ignore = manager.notifier.Reloading(clock.Mono());
    // Each is taken over if it is good, whatever the other is.
    auto outcome = Both(reloader.Reload(), ReloadSecurity(security.value()));
    exporter.Refresh();
    std::ignore = manager.notifier.Ready(
        outcome.ok() ? Watching(exporter)
                     : "the new configuration was refused, see the log; " +
                           Watching(exporter));
    return outcome;
  };
  server::ReloadHandler remote_reload;
  if (config.web.enable_lifecycle) remote_reload = reload;

  const auto notices = [&] {
    return MakeNotices(reloader.refused(), Refused(security.value()),
                       !config.state_file.empty(), store.value()->stats(),
                       clock.Wall());
  };

  server::ListenerOptions web;
  web.max_connections = static_cast<std::size_t>(config.web.max_connections);
  const auto passed = SetAddresses(config.web, manager.sockets, log, web);
  if (!passed.ok()) return Fail(log, "cannot listen", passed.error(), kFailed);
  Secure(web, security.value());
  std::vector<server::Route> routes = server::MakeRoutes(
      exporter, ThisBuild().version, std::move(remote_reload), notices);
  routes.push_back(discovery.MakeRoute());
  routes.push_back(server::MakeTasksRoute(server::MakeTasksSource(exporter),
                                          config.web.enable_task_api));
  auto listener = server::Listener::Start(web, std::move(routes), clock);
  if (!listener.ok())
    return Fail(log, "cannot listen", listener.error(), kFailed);
  exporter.AddSelfSource([&](metrics::SampleSet& out) {
    server::AddListenerStats(listener.value()->stats(), out);
    discovery.AddMetrics(out);
    reloader.AddMetrics(out);
    if (security.value()) security.value()->AddMetrics(out);
  });
  if (security.value()) security.value()->Watch();
  exporter.Start();

  const std::string addresses =
      BoundAddresses(config.web, listener.value()->ports(), passed.value());
  if (!port_file.empty()) {
    const auto written = WriteFileAtomically(port_file, addresses, kPublicFile);
    if (!written.ok()) {
      exporter.Stop();
      return Fail(log, "cannot write the port file", written.error(), kFailed);
    }
  }
  LogStart(config, addresses, web.tls != nullptr, log);
  if (const auto told = manager.notifier.Ready(Watching(exporter));
      !told.ok()) {
    log.Warn("cannot tell the service manager",
             {{"error", told.error().message}});
  }

  Watchdog watchdog(
      manager.watchdog_timeout, manager.notifier,
      [&exporter] { return exporter.IsHealthy(); }, log);
  AwaitEnd(watchdog, reload);
  log.Info("stopping");
  std::ignore = manager.notifier.Stopping();
  // First the one that reads the other.
  listener.value()->Stop();
  exporter.Stop();
  return 0;
}

}  // namespace serverspace::app
