#pragma once

#include <functional>
#include <string>

#include "collectors/collector.h"

namespace serverspace::collectors {

/// Reads something of a server, in a fixed number of calls, and adds samples
/// once all of them succeeded.
using ReadOneServer = std::function<Result<void>(const std::string& server_id)>;

/// Reads something of each of the project's servers, one call after the other
/// under the project's rate limit. The servers are those of the last good list;
/// before there is one, this asks for it.
///
/// A server that the API does not know has gone since, which is no error,
/// and it is left out. As long as it knows none, it is asked for the list anew:
/// if it still lists the one, then it is the route that it does not know
/// (kNotFound, for the product is missing), else that list is walked. Any other
/// error of one server is the run's, so that a part never passes for the whole.
Result<void> ForEachServer(const Run& run, std::size_t calls_per_server,
                           const ReadOneServer& read);

}  // namespace serverspace::collectors
