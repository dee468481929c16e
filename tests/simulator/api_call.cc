#include "simulator/api_call.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "simulator/json_writer.h"

namespace serverspace::sim {

const std::string* ApiCall::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool ApiCall::wants_task() const {
  const std::string* value = Query("return_task");
  return is_g2() && value != nullptr && *value == "true";
}

std::int64_t ApiCall::number(std::size_t index) const {
  const std::string& text = ids.at(index);
  std::int64_t number = -1;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

Reply NotFound() { return ErrorReply(404, -1001, "Object is not found"); }
Reply BadBody() {
  return ErrorReply(400, -2002, "Request body is malformed or missing");
}
Reply Conflict() {
  return ErrorReply(
      400, -4000,
      "Object is being changed by another operation; try again when it ends");
}
Reply Invalid(std::string_view message, int code) {
  return ErrorReply(400, code, message);
}

Reply TaskReply(const std::string& task_id, int status) {
  JsonWriter json;
  json.BeginObject().Field("task_id", task_id).EndObject();
  return Reply::Json(std::move(json).Take(), status);
}

Reply DeletionReply(const ApiCall& call, const std::string& task_id) {
  return call.wants_task() ? TaskReply(task_id) : Reply::Empty();
}

std::optional<std::string> Text(const nlohmann::json& body, const char* name) {
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> Integer(const nlohmann::json& body,
                                    const char* name) {
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

}  // namespace serverspace::sim
