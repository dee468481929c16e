#include "server/tasks_route.h"

#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/timestamp.h"
#include "server/http_query.h"
#include "server/json_response.h"

namespace serverspace::server {
namespace {

using nlohmann::json;
using tasks::Verdict;

std::string Dump(const json& tree) {
  // Texts from outside may be no UTF-8.
  return tree.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What was handed over.
struct Handed {
  std::string project;
  std::vector<std::string> ids;
};

/// Nothing where the text is no id, or no list of them.
std::optional<std::vector<std::string>> IdsOf(const json& tree) {
  std::vector<std::string> ids;
  const auto single = tree.find("task_id");
  const auto list = tree.find("task_ids");
  if (single == tree.end() && list == tree.end()) return std::nullopt;
  const auto add = [&](const json& id) {
    // The API's word for "there is nothing to do".
    if (id.is_null()) return true;
    if (!id.is_string()) return false;
    ids.push_back(id.get<std::string>());
    return true;
  };
  if (single != tree.end() && !add(*single)) return std::nullopt;
  if (list != tree.end()) {
    if (!list->is_array()) return std::nullopt;
    for (const json& id : *list) {
      if (!add(id)) return std::nullopt;
    }
  }
  return ids;
}

Result<Handed, Response> ReadHanded(const Request& request,
                                    std::string project) {
  constexpr std::string_view kForm =
      "the body must be JSON such as "
      R"({"project": "NAME", "task_id": "l3t70011"})";
  // Pages of other sites can send no such type without being allowed to.
  if (!request.content_type.starts_with("application/json"))
    return JsonError(415, "the Content-Type must be application/json");
  const json tree = json::parse(request.body, nullptr, false);
  if (!tree.is_object()) return JsonError(400, kForm);
  Handed handed{.project = std::move(project), .ids = {}};
  if (const auto named = tree.find("project"); named != tree.end()) {
    if (!named->is_string()) return JsonError(400, kForm);
    handed.project = named->get<std::string>();
  }
  auto ids = IdsOf(tree);
  if (!ids) return JsonError(400, kForm);
  handed.ids = *std::move(ids);
  return handed;
}

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAdded:
      return "added";
    case Verdict::kKnown:
      return "known";
    case Verdict::kNothing:
      return "nothing to watch";
    case Verdict::kElsewhere:
      return "elsewhere";
    default:
      return "refused";
  }
}

/// Of the refusals.
int StatusOf(Verdict verdict) {
  if (verdict == Verdict::kUnknownProject || verdict == Verdict::kElsewhere)
    return 404;
  return verdict == Verdict::kFull ? 503 : 400;
}

Response AnswerPost(const TasksSource& source, const Request& request,
                    std::string project) {
  const auto handed = ReadHanded(request, std::move(project));
  if (!handed.ok()) return handed.error();
  int status = 200;
  json results = json::array();
  for (const std::string& id : handed.value().ids) {
    const Verdict verdict = source.watch(handed.value().project, id);
    json result = {{"task_id", id}, {"result", WordOf(verdict)}};
    if (const auto why = tasks::RefusalText(verdict); !why.empty()) {
      result["error"] = why;
      status = StatusOf(verdict);
    } else if (verdict == Verdict::kAdded && status == 200) {
      status = 202;
    }
    results.push_back(std::move(result));
  }
  return JsonResponse(status,
                      Body::Text(Dump({{"tasks", std::move(results)}}) + "\n"));
}

std::string TaskText(const std::string& project,
                     const tasks::WatchedTask& task) {
  json tree = {{"project", project},
               {"task_id", task.id},
               {"added", FormatTimestamp(task.added)}};
  const auto add_time = [&](const char* name, const auto& time) {
    if (time) tree[name] = FormatTimestamp(*time);
  };
  if (!task.type.empty()) tree["type"] = task.type;
  if (!task.state.empty()) tree["state"] = task.state;
  if (task.progress_percent)
    tree["progress_ratio"] = static_cast<double>(*task.progress_percent) / 100;
  add_time("created", task.created);
  add_time("completed", task.completed);
  if (task.outcome) tree["result"] = tasks::OutcomeName(*task.outcome);
  for (const api::TaskResource& resource : task.resources)
    tree["resources"].push_back({{"type", resource.type}, {"id", resource.id}});
  return Dump(tree);
}

Response AnswerGet(const TasksSource& source, const std::string& project) {
  const auto lists = source.list(project);
  if (lists.empty() && !project.empty())
    return JsonError(404, tasks::RefusalText(Verdict::kUnknownProject));
  // One by one: a tree of all would be many times the text.
  std::string text = "{\"tasks\":[";
  bool is_first = true;
  for (const exporter::ProjectTaskList& list : lists) {
    for (const auto& task : list.ledger->tasks) {
      text += std::exchange(is_first, false) ? "\n" : ",\n";
      text += TaskText(list.project, *task);
    }
  }
  return JsonResponse(200, Body::Text(text + "]}\n"));
}

}  // namespace

Response AnswerTasks(const TasksSource& source, const Request& request) {
  const auto query = ParseQuery(request.query);
  if (!query.ok()) return JsonError(400, query.error().message);
  std::string project;
  for (const auto& [name, value] : query.value().pairs()) {
    if (name != "project" || !project.empty())
      return JsonError(400, "the query may have one project only");
    project = value;
  }
  if (request.method == Method::kPost)
    return AnswerPost(source, request, std::move(project));
  return AnswerGet(source, project);
}

Route MakeTasksRoute(TasksSource source, bool is_on) {
  Route route{.path = "/api/v1/tasks",
              .methods = {Method::kGet, Method::kPost},
              .handler =
                  [](const Request&) {
                    return Response::Text(403,
                                          "the task API is off; start with "
                                          "--web.enable-task-api");
                  },
              .max_body_bytes = kMaxTasksBody};
  if (!is_on) return route;
  route.handler = [source = std::move(source)](const Request& request) {
    return AnswerTasks(source, request);
  };
  route.offload = [](const Request&) { return true; };
  route.needs_authentication = true;
  return route;
}

}  // namespace serverspace::server
