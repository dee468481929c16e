#include "stress/running_exporter.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "app/exporter_options.h"
#include "exporter/disk_state.h"
#include "server/routes.h"

namespace serverspace::stress {
namespace {

using namespace std::chrono_literals;

template <typename T, typename E>
T ValueOf(Result<T, E> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

exporter::ExporterOptions OptionsOf(const config::Config& config) {
  exporter::ExporterOptions options = app::MakeExporterOptions(config);
  // A page a second would be hundreds in a second of the machine's.
  options.publish_interval = 5s;
  options.self_interval = 1min;
  return options;
}

}  // namespace

RunningExporter::RunningExporter(config::Config config, RatedClock& clock,
                                 Random& random, Logger& log)
    : store_(ValueOf(exporter::OpenState(config.state_file, clock, log))),
      sockets_(ValueOf(http::HttplibTransport::Create(
          app::MakeTransportOptions(config), machine_))),
      transport_(std::make_unique<RatedTransport>(*sockets_, clock)),
      exporter_(std::make_unique<exporter::Exporter>(
          OptionsOf(config), exporter::ExporterContext{.transport = *transport_,
                                                       .store = *store_,
                                                       .clock = clock,
                                                       .random = random,
                                                       .log = log})) {
  reloader_ = std::make_unique<app::Reloader>(
      [this] {
        return config::Loaded{next_, {}};
      },
      [this](const config::Config& next) -> Result<exporter::Changes> {
        auto routed = sockets_->Reconfigure(app::MakeTransportOptions(next));
        if (!routed.ok()) return std::move(routed).error();
        discovery_->SetProjects(app::ProjectNames(next));
        return exporter_->Apply(OptionsOf(next));
      },
      std::move(config), clock, log);
  discovery_ = std::make_unique<server::SdRoute>(
      [this] { return exporter_->GetServerLists(); }, clock);
  std::vector<server::Route> routes = server::MakeRoutes(*exporter_, "test");
  routes.push_back(discovery_->MakeRoute());
  server::ListenerOptions web;
  web.addresses = {"127.0.0.1:0"};
  listener_ = ValueOf(server::Listener::Start(web, std::move(routes), clock));
  exporter_->AddSelfSource([this](metrics::SampleSet& out) {
    server::AddListenerStats(listener_->stats(), out);
    discovery_->AddMetrics(out);
    reloader_->AddMetrics(out);
  });
  exporter_->Start();
}

RunningExporter::~RunningExporter() {
  listener_->Stop();
  exporter_->Stop();
}

bool RunningExporter::Reload(config::Config next) {
  next_ = std::move(next);
  return reloader_->Reload().ok();
}

std::optional<server::Answer> RunningExporter::Get(
    std::string_view target, std::string_view headers) const {
  server::ListenerClient client(listener_->ports().front());
  if (!client.Get(target, headers)) return std::nullopt;
  return client.Read();
}

}  // namespace serverspace::stress
