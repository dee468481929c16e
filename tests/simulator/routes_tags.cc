#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/json_writer.h"
#include "simulator/routes.h"

// Tags of servers, networks and gateways change at once, without a task (API
// reference 3).

namespace serverspace::sim {
namespace {

template <auto Objects>
Reply AddTag(ApiCall& call) {
  auto& objects = call.project.*Objects;
  const auto object = objects.find(call.ids[0]);
  if (object == objects.end()) return NotFound();
  const auto value = Text(call.body, "value");
  if (!value || value->empty()) return BadBody();
  auto& tags = object->second.tags;
  if (std::find(tags.begin(), tags.end(), *value) == tags.end())
    tags.push_back(*value);
  call.world.Changed(call.project);
  JsonWriter json;
  json.BeginObject().Field("value", *value).EndObject();
  return Reply::Json(std::move(json).Take());
}

template <auto Objects>
Reply RemoveTag(ApiCall& call) {
  auto& objects = call.project.*Objects;
  const auto object = objects.find(call.ids[0]);
  if (object == objects.end() ||
      std::erase(object->second.tags, call.ids[1]) == 0)
    return NotFound();
  call.world.Changed(call.project);
  return Reply::Empty();
}

constexpr Route kRoutes[] = {
    {"POST", "/servers/{id}/tags", AddTag<&Project::servers>, "value"},
    {"DELETE", "/servers/{id}/tags/{tag}", RemoveTag<&Project::servers>,
     "value"},
    {"POST", "/networks/isolated/{id}/tags", AddTag<&Project::networks>,
     "value"},
    {"DELETE", "/networks/isolated/{id}/tags/{tag}",
     RemoveTag<&Project::networks>, "value"},
    {"POST", "/gateways/{id}/tags", AddTag<&Project::gateways>, "value"},
    {"DELETE", "/gateways/{id}/tags/{tag}", RemoveTag<&Project::gateways>,
     "value"},
};

}  // namespace

std::span<const Route> TagRoutes() { return kRoutes; }

}  // namespace serverspace::sim
