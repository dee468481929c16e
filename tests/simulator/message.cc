#include "simulator/message.h"

#include "simulator/json_writer.h"

namespace serverspace::sim {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

Reply ErrorReply(int status, int code, std::string_view message) {
  JsonWriter json;
  json.BeginObject().Key("errors").BeginArray().BeginObject();
  json.Field("code", code).Field("message", message);
  json.EndObject().EndArray().EndObject();
  return Reply::Json(std::move(json).Take(), status);
}

}  // namespace serverspace::sim
