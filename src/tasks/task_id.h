#pragma once

#include <string_view>

namespace serverspace::tasks {

/// Whether a text is of the shape of a task's id (API reference 1.2):
/// `l3t70011`, `lt55102`, `dns9120`, `vmw3307`, `k8s_f44` or `k8s_m44`.
bool IsTaskId(std::string_view text);

/// Whether the API says by this that there is nothing to wait for: the id of no
/// task, or the null that a tool prints in its place.
bool IsNoTask(std::string_view text);

}  // namespace serverspace::tasks
