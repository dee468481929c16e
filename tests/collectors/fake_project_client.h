#pragma once

#include <functional>
#include <vector>

#include "api/project_client.h"

namespace serverspace::collectors {

/// Answers what the test says; asked for anything else, it fails.
class FakeProjectClient final : public api::ProjectClient {
 public:
  std::function<Result<api::Project>(const api::Call&)> project =
      [](const api::Call&) -> Result<api::Project> { return Unexpected(); };
  std::function<Result<std::vector<api::Server>>(const api::Call&)> servers =
      [](const api::Call&) -> Result<std::vector<api::Server>> {
    return Unexpected();
  };

  Result<api::Project> GetProject(const api::Call& call) override {
    return project(call);
  }
  Result<std::vector<api::Server>> ListServers(const api::Call& call) override {
    return servers(call);
  }

 private:
  static Error Unexpected() {
    return {ErrorCode::kOther, "the test expects no such call"};
  }
};

}  // namespace serverspace::collectors
