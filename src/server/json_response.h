#pragma once

#include <string_view>

#include "server/http_message.h"

namespace serverspace::server {

/// An answer whose body is JSON.
Response JsonResponse(int status, Body body);

/// `{"error":"why"}` and a line end. What is no UTF-8 in it is replaced.
Response JsonError(int status, std::string_view why);

}  // namespace serverspace::server
