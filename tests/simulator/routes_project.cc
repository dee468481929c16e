#include "simulator/render.h"
#include "simulator/routes.h"

namespace serverspace::sim {
namespace {

Reply GetProject(ApiCall& call) {
  return Reply::Json(Wrapped(
      "project", [&](JsonWriter& json) { RenderProject(json, call.project); }));
}

constexpr Route kRoutes[] = {
    {"GET", "/project", GetProject, "project"},
};

}  // namespace

std::span<const Route> ProjectRoutes() { return kRoutes; }

}  // namespace serverspace::sim
