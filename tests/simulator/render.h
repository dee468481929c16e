#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "simulator/json_writer.h"
#include "simulator/model.h"

// How objects look on the wire (API reference 2.3 to 2.7). Each function writes
// one JSON object.

namespace serverspace::sim {

void RenderProject(JsonWriter& json, const Project& project);
void RenderServer(JsonWriter& json, const Server& server,
                  Generation generation);
/// The forms of `/servers/{id}/volumes` and `/nics`, which name the server.
void RenderVolume(JsonWriter& json, const Volume& volume, const Server& server);
void RenderNic(JsonWriter& json, const Nic& nic, const Server& server);
void RenderSnapshot(JsonWriter& json, const Snapshot& snapshot,
                    const Server& server);

/// `{"wrapper": <what render writes>}`
template <typename Render>
std::string Wrapped(std::string_view wrapper, const Render& render) {
  JsonWriter json;
  json.BeginObject().Key(wrapper);
  render(json);
  json.EndObject();
  return std::move(json).Take();
}

/// `{"wrapper": [...]}`, one item by `render(json, value)` for each element.
template <typename Range, typename Render>
std::string WrappedList(std::string_view wrapper, const Range& range,
                        const Render& render) {
  return Wrapped(wrapper, [&](JsonWriter& json) {
    json.BeginArray();
    for (const auto& element : range) render(json, element);
    json.EndArray();
  });
}

}  // namespace serverspace::sim
