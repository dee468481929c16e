#include "api/http_project_client.h"

#include <algorithm>
#include <utility>

#include "api/decode.h"
#include "api/retry.h"

namespace serverspace::api {
namespace {

constexpr std::string_view kPathPrefix = "/api/v1";

ErrorCode CodeOf(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kAuth;
    case 403:
      return ErrorCode::kForbidden;
    case 404:
      return ErrorCode::kNotFound;
    case 408:
      return ErrorCode::kTimeout;
    case 429:
      return ErrorCode::kRateLimited;
    default:
      return status >= 500 && status <= 599 ? ErrorCode::kServerError
                                            : ErrorCode::kOther;
  }
}

bool IsSuccess(int status) { return status >= 200 && status <= 299; }
bool IsRedirect(int status) { return status >= 300 && status <= 399; }

/// The `code` label of an attempt that got no answer.
std::string_view AttemptCode(ErrorCode code) {
  if (code == ErrorCode::kCancelled) return "cancelled";
  return code == ErrorCode::kNoRoom ? "no_room" : ReasonName(code);
}

Error Named(const Route& route, Error error) {
  error.message = "GET " + std::string(route.name()) + ": " + error.message;
  return error;
}

}  // namespace

HttpProjectClient::HttpProjectClient(ClientOptions options, KeyProvider key,
                                     const ClientContext& context)
    : options_(std::move(options)),
      key_(std::move(key)),
      context_(context),
      bucket_(options_.limiter, context_.clock) {}

Result<Project> HttpProjectClient::GetProject(const Call& call) {
  return Fetch(Route("/project"), call, ReadProject);
}

Result<std::vector<Server>> HttpProjectClient::ListServers(const Call& call) {
  return Fetch(Route("/servers"), call, ReadServers);
}

Result<std::vector<Network>> HttpProjectClient::ListNetworks(const Call& call) {
  return Fetch(Route("/networks/isolated"), call, ReadNetworks);
}

Result<std::vector<Gateway>> HttpProjectClient::ListGateways(const Call& call) {
  return Fetch(Route("/gateways"), call, ReadGateways);
}

Result<std::vector<Domain>> HttpProjectClient::ListDomains(const Call& call) {
  return Fetch(Route("/domains"), call, ReadDomains);
}

Result<std::vector<DomainRecord>> HttpProjectClient::ListDomainRecords(
    const Call& call, std::string_view domain) {
  return Fetch(Route("/domains/{name}/records", {domain}), call,
               ReadDomainRecords);
}

Result<std::vector<Cluster>> HttpProjectClient::ListClusters(const Call& call) {
  return Fetch(Route("/k8s_clusters"), call, ReadClusters);
}

Result<std::vector<AffinityGroup>> HttpProjectClient::ListAffinityGroups(
    const Call& call) {
  return Fetch(Route("/affinity-groups"), call, ReadAffinityGroups);
}

Result<std::vector<SshKey>> HttpProjectClient::ListSshKeys(const Call& call) {
  return Fetch(Route("/ssh-keys"), call, ReadSshKeys);
}

Result<std::vector<Location>> HttpProjectClient::ListLocations(
    const Call& call) {
  return Fetch(Route("/locations"), call, ReadLocations);
}

Result<std::vector<Image>> HttpProjectClient::ListImages(const Call& call) {
  return Fetch(Route("/images"), call, ReadImages);
}

Result<std::vector<Snapshot>> HttpProjectClient::ListSnapshots(
    const Call& call, std::string_view server_id) {
  return Fetch(Route("/servers/{id}/snapshots", {server_id}), call,
               ReadSnapshots);
}

Result<Backup> HttpProjectClient::GetBackup(const Call& call,
                                            std::string_view server_id) {
  return Fetch(Route("/servers/{id}/backup", {server_id}), call, ReadBackup);
}

Result<std::vector<RestorePoint>> HttpProjectClient::ListRestorePoints(
    const Call& call, std::string_view server_id) {
  return Fetch(Route("/servers/{id}/backup/restore-points", {server_id}), call,
               ReadRestorePoints);
}

Result<std::vector<VmwareServer>> HttpProjectClient::ListVmwareServers(
    const Call& call) {
  return Fetch(Route("/vmware/servers"), call, ReadVmwareServers);
}

Result<std::vector<VmwareNetwork>> HttpProjectClient::ListVmwareNetworks(
    const Call& call) {
  return Fetch(Route("/vmware/networks"), call, ReadVmwareNetworks);
}

Result<Task> HttpProjectClient::GetTask(const Call& call,
                                        std::string_view task_id) {
  return Fetch(Route("/tasks/{id}", {task_id}), call, ReadTask);
}

Result<Answer> HttpProjectClient::Get(const Route& route, const Call& call,
                                      std::size_t max_bytes) {
  std::optional<Error> cause;
  for (int attempt = 1;; ++attempt) {
    auto pass = AwaitTurn(call);
    if (!pass.ok()) {
      // Why there must be a retry at all says more than why there is none.
      if (cause && pass.error().code != ErrorCode::kCancelled) return *cause;
      return Named(route, std::move(pass).error());
    }
    if (attempt > 1) context_.observer.OnRetry();

    auto answer = Attempt(route, call, max_bytes, std::move(pass).value());
    if (answer.ok()) return std::move(answer).value();
    const auto [error, retry_after] = std::move(answer).error();
    if (!IsTransient(error.code) || attempt >= options_.max_attempts)
      return error;
    const Duration pause =
        std::max(retry_after, Backoff(attempt, options_.retry_base,
                                      options_.retry_cap, context_.random));
    const MonoTime resume = context_.clock.Mono() + pause;
    if (resume >= call.deadline) return error;
    if (!context_.clock.SleepUntil(resume, call.stop))
      return Named(route, {ErrorCode::kCancelled, "cancelled"});
    cause = error;
  }
}

Result<HostState::Pass> HttpProjectClient::AwaitTurn(const Call& call) {
  // Asked before the wait too: a request that cannot go out needs no turn.
  if (auto reachable = context_.host.Check(); !reachable.ok())
    return std::move(reachable).error();
  const auto waited = bucket_.Take(call.deadline, call.stop);
  if (!waited.ok()) return waited.error();
  if (waited.value() > Duration::zero())
    context_.observer.OnLimiterWait(options_.project, waited.value());
  return context_.host.Enter();
}

Result<Answer, HttpProjectClient::Failure> HttpProjectClient::Attempt(
    const Route& route, const Call& call, std::size_t max_bytes,
    HostState::Pass pass) {
  const Secret key = key_();
  if (key.empty())
    return Failure{Named(route, {ErrorCode::kAuth, "the API key is empty"})};

  const MonoTime start = context_.clock.Mono();
  const WallTime sent = context_.clock.Wall();
  auto answer = context_.transport.Get({
      .base = options_.base,
      .path = std::string(kPathPrefix) + route.path(),
      .api_key = key,
      .deadline = std::min(start + options_.attempt_timeout, call.deadline),
      .stop = call.stop,
      .max_body_bytes = max_bytes,
  });
  const Duration took = context_.clock.Mono() - start;

  if (!answer.ok()) {
    auto [error, stage] = std::move(answer).error();
    pass.Failed(error, stage);
    if (error.code == ErrorCode::kTimeout)
      context_.admission.MarkSlow(options_.project, true);
    context_.observer.OnAttempt(route.name(), AttemptCode(error.code), took);
    return Failure{Named(route, std::move(error))};
  }

  auto response = std::move(answer).value();
  pass.Reached();
  context_.host.SawDate(response.date, sent);
  context_.admission.MarkSlow(options_.project, false);
  context_.observer.OnAttempt(route.name(), std::to_string(response.status),
                              took);
  if (IsSuccess(response.status)) {
    Answer body(std::move(response.body));
    body.room = std::move(response.room);
    body.clock = &context_.clock;
    body.deadline = call.deadline;
    body.stop = call.stop;
    return body;
  }
  Failure failure = Refused(std::move(response));
  // The host speaks to the project, not to this request alone; whoever meets
  // the pause adds the name of its own route.
  if (failure.retry_after > Duration::zero()) {
    bucket_.PauseUntil(context_.clock.Mono() + failure.retry_after,
                       failure.error);
  }
  failure.error = Named(route, std::move(failure.error));
  return failure;
}

HttpProjectClient::Failure HttpProjectClient::Refused(http::Response response) {
  Failure failure;
  failure.error.code = CodeOf(response.status);
  failure.error.message = "HTTP " + std::to_string(response.status);
  if (IsRedirect(response.status)) {
    failure.error.message += ", redirect refused";
  } else if (const auto number = ReadErrorNumber(std::move(response.body))) {
    failure.error.message += ", API error " + std::to_string(*number);
  }
  if (IsTransient(failure.error.code)) {
    failure.retry_after = ParseRetryAfter(response.retry_after, response.date,
                                          context_.clock.Wall())
                              .value_or(Duration::zero());
  }
  return failure;
}

}  // namespace serverspace::api
