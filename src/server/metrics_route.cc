#include "server/metrics_route.h"

#include "collectors/registry.h"
#include "exporter/collector_runner.h"
#include "server/http_query.h"
#include "server/negotiation.h"

namespace serverspace::server {
namespace {

using Names = std::set<std::string>;

Response AnswerPage(std::shared_ptr<const metrics::Page> page,
                    const Request& request) {
  const metrics::Format format = NegotiateFormat(request.accept);
  const metrics::Encoding encoding = NegotiateEncoding(request.accept_encoding);
  const metrics::Page::Body& body = page->Get(format, encoding);
  Response response{.content_type = std::string(metrics::ContentType(format)),
                    .headers = {{"Vary", "Accept, Accept-Encoding"}},
                    .body = {.parts = body.parts,
                             .size_bytes = body.size_bytes,
                             .owner = std::move(page)}};
  if (encoding == metrics::Encoding::kGzip)
    response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

/// The names asked for; the first unknown one is set in `unknown`.
Names Chosen(const Query& query, std::string_view parameter, const Names& known,
             std::string& unknown) {
  Names chosen;
  for (const std::string_view name : query.All(parameter)) {
    if (!known.contains(std::string(name)))
      unknown = "unknown " + std::string(parameter) + " in the query";
    chosen.emplace(name);
  }
  return chosen;
}

}  // namespace

bool IsFiltered(const Request& request) { return !request.query.empty(); }

Response AnswerMetrics(const MetricsSource& source, const Request& request) {
  // Before the first page an empty one would read as "there is nothing".
  auto page = source.page();
  if (page->series() == 0)
    return Response::Text(503, "the first page is not made yet");
  if (!IsFiltered(request)) return AnswerPage(std::move(page), request);
  const auto query = ParseQuery(request.query);
  if (!query.ok()) return Response::Text(400, query.error().message);
  std::string problem;
  for (const auto& [name, value] : query.value().pairs()) {
    if (name != "collect[]" && name != "project")
      problem = "the query may have collect[] and project only";
  }
  const Names known = source.collectors();
  Names collectors = Chosen(query.value(), "collect[]", known, problem);
  const Names projects =
      Chosen(query.value(), "project", source.projects(), problem);
  if (!problem.empty()) return Response::Text(400, problem);
  // A part never holds what the exporter tells of itself, so all collectors
  // must be named where none was.
  if (collectors.empty()) collectors = known;
  if (collectors.contains(std::string(collectors::kProjectCollector)))
    collectors.emplace(exporter::kLastingSlot);
  return AnswerPage(page->Filter(collectors, projects), request);
}

}  // namespace serverspace::server
