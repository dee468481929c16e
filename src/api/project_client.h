#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "api/types.h"
#include "base/clock.h"
#include "base/result.h"

namespace serverspace::api {

/// The bounds of one run: every request of it, waits and retries included, ends
/// by `deadline`.
struct Call {
  MonoTime deadline;
  std::stop_token stop;
};

/// Reads one project of the API, and only reads. One instance per project;
/// threads may share it. Every method blocks, up to the call's deadline. An
/// error is never turned into an empty answer.
class ProjectClient {
 public:
  ProjectClient() = default;
  ProjectClient(const ProjectClient&) = delete;
  ProjectClient& operator=(const ProjectClient&) = delete;
  virtual ~ProjectClient() = default;

  virtual Result<Project> GetProject(const Call& call) = 0;
  virtual Result<std::vector<Server>> ListServers(const Call& call) = 0;
};

}  // namespace serverspace::api
