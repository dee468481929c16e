#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serverspace::server {

/// What a request asks to do. Everything that no route of ours offers is
/// `kOther`.
enum class Method : std::uint8_t { kGet, kHead, kPost, kOther };

/// One request, checked: the path is decoded and holds no control characters.
struct Request {
  Method method = Method::kGet;
  std::string path;   ///< Decoded, valid UTF-8, without the query.
  std::string query;  ///< As it came, without `?`; see ParseQuery.
  std::string accept;
  std::string accept_encoding;
  std::string if_none_match;
  std::string content_type;
  std::string authorization;  ///< Never logged, never echoed.
  std::string body;
  std::string peer;  ///< The address without the port; empty if unknown.
  /// Whether the peer has shown who it is: a password or a client certificate
  /// admitted it. False where everyone may ask.
  bool authenticated = false;
};

/// What is sent after the head: parts that are written in order straight from
/// memory. `owner` keeps the parts and what they point at alive and unchanged
/// until the last byte is out; no copy is made.
struct Body {
  std::span<const std::string_view> parts;
  std::uint64_t size_bytes = 0;  ///< The sum of the parts.
  std::shared_ptr<const void> owner;

  static Body Text(std::string text);
};

/// One answer. Date, Content-Length, Connection and the security headers are
/// added by the listener; a 204 or 304 goes out without its body.
struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  /// Further ones, such as ETag, Vary, Content-Encoding. `Cache-Control`
  /// replaces our default `no-store`.
  std::vector<std::pair<std::string, std::string>> headers;
  Body body;

  /// A short answer for people: the text and a line end as text/plain.
  static Response Text(int status, std::string_view text);
};

}  // namespace serverspace::server
