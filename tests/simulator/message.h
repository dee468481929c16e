#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serverspace::sim {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request as the routes see it: the target is as sent, the header members
/// are the few that matter.
struct Request {
  std::string method;
  std::string target;
  std::string body;
  std::optional<std::string> api_key;
  bool accepts_gzip = false;
};

/// One answer. The body is shared so that a large list is serialised once and
/// sent many times.
struct Reply {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  Headers headers;
  std::shared_ptr<const std::string> body =
      std::make_shared<const std::string>();

  static Reply Json(std::string text, int status = 200) {
    Reply reply;
    reply.status = status;
    reply.body = std::make_shared<const std::string>(std::move(text));
    return reply;
  }
  static Reply Empty(int status = 200) {
    Reply reply;
    reply.status = status;
    reply.content_type.clear();
    return reply;
  }
};

/// The reason phrase for the status line.
std::string_view ReasonPhrase(int status);

/// An error answer in the provider's usual envelope (API reference 4.1).
Reply ErrorReply(int status, int code, std::string_view message);

}  // namespace serverspace::sim
