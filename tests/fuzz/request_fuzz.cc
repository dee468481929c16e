// Requests: however their bytes are cut, a head is the same, and a path or
// query that is taken holds nothing that it must not. A filter of service
// discovery is understood whole or not at all, and tasks that are handed over
// are each answered once.

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/url.h"
#include "fuzz/input.h"
#include "fuzz/messages.h"
#include "server/entity_tag.h"
#include "server/http_query.h"
#include "server/http_request_parser.h"
#include "server/negotiation.h"
#include "server/sd_filter.h"
#include "server/tasks_route.h"
#include "tasks/task_id.h"

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

std::string QueryOf(const server::SdFilter& filter) {
  using Network = server::SdFilter::Network;
  std::string query =
      "port=" + std::to_string(filter.port) +
      "&network=" + (filter.network == Network::kPublic ? "public" : "private");
  if (filter.powered_on) query += "&powered=on";
  for (const std::string& project : filter.projects)
    query += "&project=" + serverspace::PercentEncode(project);
  for (const std::string& tag : filter.tags)
    query += "&tag=" + serverspace::PercentEncode(tag);
  return query;
}

void ReadFilter(std::string_view text) {
  const auto filter = server::ParseSdFilter(text);
  serverspace::fuzz::RequireFitMessage(filter);
  if (!filter.ok()) return;
  const auto again = server::ParseSdFilter(QueryOf(filter.value()));
  Require(again.ok() && again.value() == filter.value(), "a filter reads back");
}

void ReadHeaders(std::string_view text) {
  constexpr std::string_view kTag = "\"0a1b\"";
  const std::string lower = serverspace::ToLower(text);
  Require(
      server::NegotiateFormat(text) == serverspace::metrics::Format::kText ||
          lower.find("application/openmetrics-text") != std::string::npos,
      "OpenMetrics comes to those who ask for it");
  Require(server::NegotiateEncoding(text) ==
                  serverspace::metrics::Encoding::kIdentity ||
              lower.find("gzip") != std::string::npos ||
              lower.find('*') != std::string::npos,
          "compression comes to those who ask for it");
  Require(server::NamesEntityTag(kTag, kTag), "a tag names itself");
  Require(!server::NamesEntityTag(text, kTag) ||
              text.find_first_of("*\"") != std::string_view::npos,
          "a tag is not named by chance");
}

std::string Join(const server::Body& body) {
  std::string text;
  for (const std::string_view part : body.parts) text += part;
  return text;
}

void HandOver(std::string_view query, std::string_view body) {
  using serverspace::tasks::Verdict;
  std::vector<std::string> handed;
  const server::TasksSource source = {
      .watch =
          [&](std::string_view, std::string_view id) {
            handed.emplace_back(id);
            if (serverspace::tasks::IsNoTask(id)) return Verdict::kNothing;
            return serverspace::tasks::IsTaskId(id) ? Verdict::kAdded
                                                    : Verdict::kMalformed;
          },
      .list =
          [](std::string_view) {
            return std::vector<serverspace::exporter::ProjectTaskList>();
          }};
  const server::Response response =
      server::AnswerTasks(source, {.method = server::Method::kPost,
                                   .query = std::string(query),
                                   .content_type = "application/json",
                                   .body = std::string(body)});
  const std::string text = Join(response.body);
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  Require(tree.is_object() && serverspace::IsValidUtf8(text),
          "an answer is JSON");
  if (tree.contains("error")) {
    Require(response.status == 400 && handed.empty(),
            "a mistake hands nothing over");
    return;
  }
  const auto& results = tree.at("tasks");
  Require(results.size() == handed.size(), "each id is answered");
  bool is_refused = false;
  for (std::size_t i = 0; i < handed.size(); ++i) {
    const auto& result = results.at(i);
    Require(result.at("task_id") == handed[i], "and in order");
    is_refused = is_refused || result.at("result") == "refused";
  }
  Require(is_refused == (response.status >= 400), "the status tells refusals");
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
  ReadFilter(text);
  ReadHeaders(text);
  HandOver("", text);
  HandOver(text, R"({"task_id": "l3t70011"})");
  return 0;
}
