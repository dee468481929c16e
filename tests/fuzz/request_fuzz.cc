// Requests: however their bytes are cut, a head is the same, and a path or
// query that is taken holds nothing that it must not.

#include <optional>

#include "base/text.h"
#include "fuzz/input.h"
#include "server/http_query.h"
#include "server/http_request_parser.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace server = serverspace::server;
using State = server::RequestParser::State;

struct Head {
  server::Method method;
  std::string path;
  std::uint64_t content_length;
  bool keep_alive;
  std::size_t bytes;

  friend bool operator==(const Head&, const Head&) = default;
};

/// Gives `text` in pieces of `piece` bytes; nothing unless a head is done.
std::optional<Head> Parse(std::string_view text, std::size_t piece) {
  server::RequestParser parser;
  std::size_t start = 0;
  for (std::size_t end = 0; end < text.size();) {
    end = std::min(end + piece, text.size());
    std::size_t consumed = 0;
    const State state = parser.Put(text.substr(start, end - start), consumed);
    Require(consumed <= end - start, "no more is taken than was given");
    start += consumed;
    if (state == State::kRefused) {
      const int status = parser.refusal().status;
      Require(status >= 400 && status < 600, "a refusal is an error");
      return std::nullopt;
    }
    if (state == State::kNeedMore) continue;
    const server::Request& request = parser.request();
    return Head{request.method, request.path, parser.content_length(),
                parser.keep_alive(), start};
  }
  return std::nullopt;
}

bool IsClean(std::string_view text) {
  return serverspace::IsValidUtf8(text) &&
         std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

void ReadTarget(std::string_view text) {
  if (const auto path = server::DecodePath(text); path.ok())
    Require(IsClean(path.value()), "a path is clean");
  if (const auto query = server::ParseQuery(text); query.ok()) {
    for (const auto& [name, value] : query.value().pairs())
      Require(IsClean(name) && IsClean(value), "a query is clean");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t piece = std::size_t{input.Byte()} + 1;
  const std::string_view text = input.Rest();
  const auto whole = Parse(text, std::max<std::size_t>(text.size(), 1));
  Require(Parse(text, piece) == whole, "cuts do not matter");
  if (whole) Require(IsClean(whole->path), "a path of a request is clean");
  ReadTarget(text);
  return 0;
}
