#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "exporter/exporter.h"
#include "server/http_message.h"
#include "server/http_router.h"
#include "tasks/verdict.h"

namespace serverspace::server {

/// Whom the route of tasks asks. Called from the helper thread.
struct TasksSource {
  /// Hands an id over; an empty project is the only one.
  std::function<tasks::Verdict(std::string_view project, std::string_view id)>
      watch;
  /// What is known of one project's tasks, or with an empty name of all.
  std::function<std::vector<exporter::ProjectTaskList>(
      std::string_view project)>
      list;
};

/// The most that one call may hand over: some thousand ids.
inline constexpr std::size_t kMaxTasksBody = 65'536;

/// `POST` takes `{"project": "prod", "task_id": "l3t70011"}`, or `task_ids`
/// with a list, or an answer of the API that has one of the two as it is, with
/// `?project=prod` in the query. It answers 202 if an id is new, 200 if none
/// is, else what was wrong. `GET` lists what is watched.
Response AnswerTasks(const TasksSource& source, const Request& request);

/// The route for the two; unless `is_on` it says how to turn it on.
Route MakeTasksRoute(TasksSource source, bool is_on);

}  // namespace serverspace::server
