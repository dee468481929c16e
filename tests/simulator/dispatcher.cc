#include "simulator/dispatcher.h"

#include <chrono>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "simulator/connection.h"
#include "simulator/control.h"
#include "simulator/fault.h"
#include "simulator/fault_wire.h"
#include "simulator/gzip.h"
#include "simulator/listener.h"
#include "simulator/request_log.h"
#include "simulator/world.h"

namespace serverspace::sim {
namespace {

constexpr std::string_view kControlRoot = "_sim";
constexpr std::string_view kRedirectTarget = "redirect-target";

bool IsApi(const Target& target) {
  return target.segments.size() >= 2 && target.segments[0] == "api" &&
         target.segments[1] == "v1";
}

}  // namespace

Dispatcher::Dispatcher(World& world, SimClock& clock, FaultBook& faults,
                       RequestLog& log, Control& control)
    : world_(world),
      clock_(clock),
      faults_(faults),
      log_(log),
      control_(control) {}

std::optional<Reply> Dispatcher::Handle(const Request& request,
                                        Connection& connection) {
  const Target target = ParseTarget(request.target);
  if (!target.segments.empty() && target.segments[0] == kControlRoot) {
    if (target.segments.size() >= 2 && target.segments[1] == kRedirectTarget) {
      log_.CountRedirectTarget(request.api_key.has_value());
      return Reply::Json(R"({"redirected":true})");
    }
    return control_.Handle(request, target);
  }
  std::optional<Reply> reply = HandleApi(request, target, connection);
  if (reply && request.accepts_gzip && world_.options().gzip)
    reply = Compressed(std::move(*reply));
  return reply;
}

std::optional<Reply> Dispatcher::HandleApi(const Request& request,
                                           const Target& target,
                                           Connection& connection) {
  const std::span<const std::string> segments(target.segments);
  const Router::Match match =
      IsApi(target) ? router_.Find(request.method, segments.subspan(2))
                    : Router::Match{};
  const std::string route(match.route == nullptr ? "unknown"
                                                 : match.route->pattern);
  std::string project_name;
  {
    const auto lock = world_.Enter();
    const Project* project =
        request.api_key ? world_.FindByKey(*request.api_key) : nullptr;
    if (project != nullptr) project_name = project->name;
  }
  RequestLog::Entry entry(log_, project_name, request.method, route,
                          clock_.Mono());

  std::optional<Fault> fault =
      faults_.Take(project_name, request.method, route);
  if (fault && fault->latency_ms > 0) {
    const Listener::Phase phase(*listener_, connection,
                                Listener::Phase::kHanging);
    if (connection.WaitForPeerToLeave(
            std::chrono::milliseconds(fault->latency_ms))) {
      entry.Count(0);
      connection.Abandon();
      return std::nullopt;
    }
  }
  Reply reply = Answer(request, target, match);
  if (fault) {
    if (fault->kind == FaultKind::kRedirect && fault->location.empty()) {
      // The certificate is good for both names, so only the client's own care
      // keeps the key from the other host.
      fault->location =
          "https://localhost:" + std::to_string(listener_->port()) +
          "/_sim/redirect-target";
    }
    reply =
        ApplyToReply(*fault, std::move(reply),
                     match.route == nullptr ? "unknown" : match.route->wrapper);
    if (fault->retry_after_seconds) {
      const std::chrono::seconds wait(*fault->retry_after_seconds);
      reply.headers.emplace_back("Retry-After",
                                 fault->retry_after_as_date
                                     ? clock_.HttpDateIn(wait)
                                     : std::to_string(wait.count()));
    }
  }
  reply.headers.emplace_back("Date", clock_.HttpDate());
  if (fault && IsWireFault(fault->kind)) {
    entry.Count(0);
    PlayOnWire(*fault, faults_, reply, connection, *listener_);
    return std::nullopt;
  }
  entry.Count(reply.status);
  return reply;
}

Reply Dispatcher::Answer(const Request& request, const Target& target,
                         const Router::Match& match) {
  const auto lock = world_.Enter();
  Project* project =
      request.api_key ? world_.FindByKey(*request.api_key) : nullptr;
  if (project == nullptr || project->key_state == KeyState::kUnauthorized) {
    return ErrorReply(world_.options().bad_key_status, -1002,
                      "The API key is not valid");
  }
  if (project->key_state == KeyState::kForbidden)
    return ErrorReply(403, -1003, "No access to the project");
  return RunRoute(request, target, match, *project);
}

Reply Dispatcher::RunRoute(const Request& request, const Target& target,
                           const Router::Match& match, Project& project) {
  const bool known =
      match.route != nullptr && match.route->since <= project.generation;
  if (!known)
    return match.method_differs
               ? ErrorReply(405, -1004, "Method is not allowed")
               : NotFound();
  nlohmann::json body;
  if (!request.body.empty()) {
    body = nlohmann::json::parse(request.body, nullptr, false);
    if (body.is_discarded()) return BadBody();
  }
  world_.Settle(project);
  ApiCall call{.world = world_,
               .project = project,
               .ids = match.ids,
               .query = target.query,
               .body = body};
  // Seen live on the lists of the newer sections (API reference 1).
  const std::string* location = call.Query("location_id");
  if (request.method == "GET" && location != nullptr && location->empty()) {
    return ErrorReply(500, -1005, "Internal error");
  }
  return match.route->handler(call);
}

Reply Dispatcher::Compressed(Reply reply) const {
  constexpr std::size_t kWorthwhileBytes = 256;
  if (reply.body->size() < kWorthwhileBytes) return reply;
  reply.body = std::make_shared<const std::string>(Gzip(*reply.body));
  reply.headers.emplace_back("Content-Encoding", "gzip");
  return reply;
}

}  // namespace serverspace::sim
