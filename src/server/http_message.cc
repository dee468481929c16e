#include "server/http_message.h"

namespace serverspace::server {
namespace {

// The text and the one part that shows it, in one allocation.
struct OwnedText {
  explicit OwnedText(std::string value) : text(std::move(value)), part(text) {}
  OwnedText(const OwnedText&) = delete;
  OwnedText& operator=(const OwnedText&) = delete;

  std::string text;
  std::string_view part;
};

}  // namespace

Body Body::Text(std::string text) {
  auto owned = std::make_shared<const OwnedText>(std::move(text));
  Body body;
  body.parts = std::span(&owned->part, 1);
  body.size_bytes = owned->text.size();
  body.owner = std::move(owned);
  return body;
}

Response Response::Text(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.body = Body::Text(std::string(text) + "\n");
  return response;
}

}  // namespace serverspace::server
