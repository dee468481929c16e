#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/admission.h"
#include "api/answer.h"
#include "api/drift.h"
#include "api/host_state.h"
#include "api/observer.h"
#include "api/project_client.h"
#include "api/route.h"
#include "api/token_bucket.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "http/transport.h"

namespace serverspace::api {

struct ClientOptions {
  std::string project;  ///< The configured name.
  HttpsUrl base;
  Duration attempt_timeout = std::chrono::seconds(20);
  int max_attempts = 4;
  Duration retry_base = std::chrono::milliseconds(500);
  Duration retry_cap = std::chrono::seconds(10);
  TokenBucket::Options limiter;
};

/// What clients share; all of it must outlive them.
struct ClientContext {
  http::Transport& transport;
  HostState& host;
  Admission& admission;
  Drift& drift;
  Observer& observer;
  Clock& clock;
  Random& random;
};

/// The longest answer that is read as a `T`: what is about one thing is small.
template <typename T>
inline constexpr std::size_t kMaxAnswerBytes = 1 << 20;
template <typename T>
inline constexpr std::size_t kMaxAnswerBytes<std::vector<T>> =
    http::kMaxBodyBytes;

/// Reads one project over HTTPS, within the project's rate, with retries while
/// the call's deadline allows. Transient failures (network, timeout, 408, 429,
/// 5xx) are retried; an answer that cannot be read is not, as the same text
/// would most likely come again, and the next run asks anyway. Error texts hold
/// the route's template, the status and the API's error number, and never text
/// from an answer.
class HttpProjectClient final : public ProjectClient {
 public:
  /// Asked before each attempt, so that a key can change on disk. An empty key
  /// is an error of the call. Called from many threads.
  using KeyProvider = std::function<Secret()>;

  HttpProjectClient(ClientOptions options, KeyProvider key,
                    const ClientContext& context);

  Result<Project> GetProject(const Call& call) override;
  Result<std::vector<Server>> ListServers(const Call& call) override;
  Result<std::vector<Network>> ListNetworks(const Call& call) override;
  Result<std::vector<Gateway>> ListGateways(const Call& call) override;
  Result<std::vector<Domain>> ListDomains(const Call& call) override;
  Result<std::vector<DomainRecord>> ListDomainRecords(
      const Call& call, std::string_view domain) override;
  Result<std::vector<Cluster>> ListClusters(const Call& call) override;
  Result<std::vector<AffinityGroup>> ListAffinityGroups(
      const Call& call) override;
  Result<std::vector<SshKey>> ListSshKeys(const Call& call) override;
  Result<std::vector<Location>> ListLocations(const Call& call) override;
  Result<std::vector<Image>> ListImages(const Call& call) override;
  Result<std::vector<Snapshot>> ListSnapshots(
      const Call& call, std::string_view server_id) override;
  Result<Backup> GetBackup(const Call& call,
                           std::string_view server_id) override;
  Result<std::vector<RestorePoint>> ListRestorePoints(
      const Call& call, std::string_view server_id) override;
  Result<std::vector<VmwareServer>> ListVmwareServers(
      const Call& call) override;
  Result<std::vector<VmwareNetwork>> ListVmwareNetworks(
      const Call& call) override;
  Result<Task> GetTask(const Call& call, std::string_view task_id) override;

 private:
  struct Failure {
    Error error;
    Duration retry_after{0};  ///< What the answer asked for.
  };

  /// What `read`, one of decode.h, makes of a successful answer.
  template <typename T>
  Result<T> Fetch(const Route& route, const Call& call,
                  Result<T> (*read)(Answer, Drift&)) {
    auto answer = Get(route, call, kMaxAnswerBytes<T>);
    if (!answer.ok()) return std::move(answer).error();
    return read(std::move(answer).value(), context_.drift);
  }
  /// A successful answer, whose body has at most `max_bytes`.
  Result<Answer> Get(const Route& route, const Call& call,
                     std::size_t max_bytes);
  /// Waits for the project's turn, at a host that can be reached.
  Result<HostState::Pass> AwaitTurn(const Call& call);
  Result<Answer, Failure> Attempt(const Route& route, const Call& call,
                                  std::size_t max_bytes, HostState::Pass pass);
  Failure Refused(http::Response response);

  const ClientOptions options_;
  const KeyProvider key_;
  const ClientContext context_;
  TokenBucket bucket_;
};

}  // namespace serverspace::api
