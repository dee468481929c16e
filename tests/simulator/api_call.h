#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/message.h"
#include "simulator/world.h"

namespace serverspace::sim {

/// One request with a good key on its way through a route. Lives for the
/// request, under the world's lock.
struct ApiCall {
  World& world;
  Project& project;
  /// The values of the template's `{...}`, percent-decoded.
  std::vector<std::string> ids;
  std::vector<std::pair<std::string, std::string>> query;
  const nlohmann::json& body;

  bool is_g2() const { return project.generation == Generation::kG2; }
  const std::string* Query(std::string_view name) const;
  /// `?return_task=true`, which only the newer contract knows.
  bool wants_task() const;
  /// A path value as a number; -1, which no object has, if it is none.
  std::int64_t number(std::size_t index) const;
};

using Handler = Reply (*)(ApiCall&);

/// One row of the route table.
struct Route {
  std::string_view method;
  std::string_view pattern;  // below /api/v1
  Handler handler;
  std::string_view wrapper;  // the member that holds the answer, for faults
                             // that leave it out
  Generation since = Generation::kG1;
};

Reply NotFound();
Reply BadBody();
Reply Conflict();
Reply Invalid(std::string_view message, int code = -1000);
Reply TaskReply(const std::string& task_id, int status = 200);
/// The answer to a deletion: a task if the client asked for it, else nothing
/// (API reference 3).
Reply DeletionReply(const ApiCall& call, const std::string& task_id);

// Members of a request body; nothing if absent or of another type.
std::optional<std::string> Text(const nlohmann::json& body, const char* name);
std::optional<std::int64_t> Integer(const nlohmann::json& body,
                                    const char* name);

}  // namespace serverspace::sim
