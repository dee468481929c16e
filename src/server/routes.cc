#include "server/routes.h"

#include <utility>

#include "server/landing_page.h"
#include "server/metrics_route.h"

namespace serverspace::server {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kConnections = {"serverspace_exporter_http_connections",
                               Type::kGauge,
                               "Connections that are open to the exporter now.",
                               {}};
constexpr Desc kRejected = {
    "serverspace_exporter_http_rejected_total",
    Type::kCounter,
    "Requests and connections that the exporter turned away, by reason.",
    {"reason"}};

constexpr const Desc* kDescs[] = {&kConnections, &kRejected};

Response AnswerHealthy(const exporter::Exporter& exporter) {
  if (exporter.IsHealthy()) return Response::Text(200, "healthy");
  return Response::Text(503, "a run of a collector has not ended in time");
}

Response AnswerReady(const exporter::Exporter& exporter) {
  if (exporter.IsReady()) return Response::Text(200, "ready");
  return Response::Text(
      503, "not every project was asked for its balance and servers yet");
}

Response AnswerReload(const ReloadHandler& reload) {
  if (!reload) {
    return Response::Text(
        403, "reloading over HTTP is off; start with --web.enable-lifecycle");
  }
  const Result<void> outcome = reload();
  if (outcome.ok()) return Response::Text(200, "reloaded");
  return Response::Text(
      500, "the configuration stays as it was:\n" + outcome.error().message);
}

}  // namespace

std::vector<Route> MakeRoutes(const exporter::Exporter& exporter,
                              std::string version, ReloadHandler reload,
                              Notices notices) {
  const bool may_reload = static_cast<bool>(reload);
  MetricsSource source{
      .page = [&exporter] { return exporter.page(); },
      .projects = [&exporter] { return exporter.ProjectNames(); },
      .collectors = [&exporter] { return exporter.CollectorNames(); }};
  return {
      {.path = "/metrics",
       .methods = {Method::kGet},
       .handler =
           [source = std::move(source)](const Request& request) {
             return AnswerMetrics(source, request);
           },
       .offload = IsFiltered},
      {.path = "/-/healthy",
       .methods = {Method::kGet},
       .handler =
           [&exporter](const Request&) { return AnswerHealthy(exporter); }},
      {.path = "/-/ready",
       .methods = {Method::kGet},
       .handler =
           [&exporter](const Request&) { return AnswerReady(exporter); }},
      {.path = "/-/reload",
       .methods = {Method::kPost},
       .handler = [reload = std::move(reload)](
                      const Request&) { return AnswerReload(reload); },
       .offload = [may_reload](const Request&) { return may_reload; }},
      {.path = "/",
       .methods = {Method::kGet},
       .handler =
           [&exporter, version = std::move(version),
            notices = std::move(notices)](const Request&) {
             return Response{
                 .content_type = "text/html; charset=utf-8",
                 .body = Body::Text(RenderLandingPage(
                     exporter.GetStatus(), version,
                     notices ? notices() : std::vector<Trouble>()))};
           },
       .offload = [](const Request&) { return true; }},
  };
}

TasksSource MakeTasksSource(exporter::Exporter& exporter) {
  return {.watch =
              [&exporter](std::string_view project, std::string_view id) {
                return exporter.WatchTask(project, id);
              },
          .list =
              [&exporter](std::string_view project) {
                return exporter.WatchedTasks(project);
              }};
}

std::span<const Desc* const> ListenerDescs() { return kDescs; }

void AddListenerStats(const ListenerStats& stats, metrics::SampleSet& out) {
  out.Add(kConnections, {}, stats.connections);
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    out.Add(kRejected, {RejectReasonName(reason)}, stats.Rejected(reason));
  }
}

}  // namespace serverspace::server
