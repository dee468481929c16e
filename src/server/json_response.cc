#include "server/json_response.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace serverspace::server {

Response JsonResponse(int status, Body body) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {},
          .body = std::move(body)};
}

Response JsonError(int status, std::string_view why) {
  using nlohmann::json;
  const json tree = {{"error", why}};
  return JsonResponse(
      status,
      Body::Text(tree.dump(-1, ' ', false, json::error_handler_t::replace) +
                 "\n"));
}

}  // namespace serverspace::server
