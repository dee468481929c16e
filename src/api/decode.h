#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/drift.h"
#include "api/types.h"
#include "base/result.h"

namespace serverspace::api {

// Answers as structs, one function an endpoint. They take the body over, so
// that it is gone when they return. An answer that is not what the endpoint
// promises is kBadResponse; the text names route and byte and holds nothing of
// the answer.

/// API reference 2.3.
Result<Project> ReadProject(std::string body, Drift& drift);
/// API reference 2.4. Here `{}` is an error too: an empty project says
/// `{"servers": []}`, and to lose all servers by mistake is the worst mistake.
Result<std::vector<Server>> ReadServers(std::string body, Drift& drift);

/// The number of the first error in an error answer (API reference 4.1), if it
/// has one. The rest of such an answer may hold anything, so nothing else of it
/// is read.
std::optional<std::int64_t> ReadErrorNumber(std::string body);

}  // namespace serverspace::api
