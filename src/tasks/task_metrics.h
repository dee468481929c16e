#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "metrics/desc.h"
#include "metrics/fragment.h"
#include "tasks/watched_task.h"

namespace serverspace::tasks {

/// Every family about the tasks of a project.
std::span<const metrics::Desc* const> TaskDescs();

/// What the page shows of a project's tasks. `totals` are those that may be
/// shown, which can be older than the ledger; `errors` are the questions that
/// failed, shown as soon as there is something to ask about.
metrics::Fragment RenderTasks(std::string_view project, const Ledger& ledger,
                              const Totals& totals, const ReasonCounts& errors);

}  // namespace serverspace::tasks
