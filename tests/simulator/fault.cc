#include "simulator/fault.h"

#include <algorithm>
#include <utility>

#include "simulator/json_writer.h"

namespace serverspace::sim {
namespace {

constexpr std::pair<FaultKind, std::string_view> kNames[] = {
    {FaultKind::kLatency, "latency"},
    {FaultKind::kStatus, "status"},
    {FaultKind::kContent, "content"},
    {FaultKind::kRaw, "raw"},
    {FaultKind::kRedirect, "redirect"},
    {FaultKind::kHangHeaders, "hang_headers"},
    {FaultKind::kHangBody, "hang_body"},
    {FaultKind::kHangHandshake, "hang_handshake"},
    {FaultKind::kDrip, "drip"},
    {FaultKind::kDripAll, "drip_all"},
    {FaultKind::kCutLength, "cut_length"},
    {FaultKind::kCutChunked, "cut_chunked"},
    {FaultKind::kReset, "reset"},
    {FaultKind::kResetHandshake, "reset_handshake"},
    {FaultKind::kResetBody, "reset_body"},
    {FaultKind::kRefuse, "refuse"},
    {FaultKind::kHugeBody, "huge_body"},
    {FaultKind::kGzipBomb, "gzip_bomb"},
    {FaultKind::kCloseAfter, "close_after"},
};

bool StrikesConnections(FaultKind kind) {
  return kind == FaultKind::kHangHandshake ||
         kind == FaultKind::kResetHandshake;
}

bool RouteMatches(std::string_view wanted, std::string_view route) {
  if (wanted.ends_with('*'))
    return route.starts_with(wanted.substr(0, wanted.size() - 1));
  return wanted.empty() || wanted == route;
}

constexpr const char* kHtml =
    "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We "
    "will be back soon</h1></body></html>";

Reply Text(std::string body, std::string content_type, int status) {
  Reply reply = Reply::Json(std::move(body), status);
  reply.content_type = std::move(content_type);
  return reply;
}

/// Every form of an error that was seen or must be survived (API
/// reference 4.1).
Reply Envelope(const Fault& fault) {
  JsonWriter json;
  if (fault.envelope == "strings") {
    json.BeginObject()
        .ArrayField("errors", std::vector<std::string>{fault.message})
        .EndObject();
  } else if (fault.envelope == "params") {
    json.BeginObject().Key("errors").BeginArray().BeginObject();
    json.Field("code", fault.code)
        .Field("message", fault.message)
        .Key("error_params")
        .BeginArray();
    json.BeginObject().Field("name", "Parameter").Field("value", 7).EndObject();
    json.EndArray().EndObject().EndArray().EndObject();
  } else if (fault.envelope == "message" || fault.envelope == "error" ||
             fault.envelope == "code") {
    json.BeginObject().Field(fault.envelope, fault.message).EndObject();
  } else if (fault.envelope == "string") {
    json.Value(fault.message);
  } else if (fault.envelope == "text") {
    return Text(fault.message, "text/plain", fault.status);
  } else if (fault.envelope == "html") {
    return Text(kHtml, "text/html", fault.status);
  } else if (fault.envelope == "empty") {
    return Reply::Empty(fault.status);
  } else {
    return ErrorReply(fault.status, fault.code, fault.message);
  }
  return Reply::Json(std::move(json).Take(), fault.status);
}

Reply Content(const Fault& fault, std::string_view wrapper) {
  if (fault.content == "html") return Text(kHtml, "text/html", 200);
  if (fault.content == "empty") return Reply::Empty(200);
  JsonWriter json;
  json.BeginObject();
  if (fault.content == "missing_wrapper") json.Field("unexpected", true);
  if (fault.content == "null_wrapper") json.RawField(wrapper, "null");
  if (fault.content == "empty_list") json.RawField(wrapper, "[]");
  json.EndObject();
  return Reply::Json(std::move(json).Take());
}

}  // namespace

std::string_view FaultKindName(FaultKind kind) {
  return std::find_if(std::begin(kNames), std::end(kNames),
                      [&](const auto& row) { return row.first == kind; })
      ->second;
}

std::optional<FaultKind> ParseFaultKind(std::string_view name) {
  for (const auto& [kind, text] : kNames) {
    if (text == name) return kind;
  }
  return std::nullopt;
}

std::uint64_t FaultBook::Add(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault.id = next_id_++;
  fault.hits = 0;
  faults_.push_back(std::move(fault));
  return faults_.back().id;
}

void FaultBook::Clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

bool FaultBook::Remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(faults_,
                       [id](const Fault& fault) { return fault.id == id; }) > 0;
}

std::vector<Fault> FaultBook::List() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

bool FaultBook::Has(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(faults_.begin(), faults_.end(),
                     [id](const Fault& fault) { return fault.id == id; });
}

template <typename Match>
std::optional<Fault> FaultBook::TakeFirst(const Match& match) {
  const std::lock_guard lock(mutex_);
  for (Fault& fault : faults_) {
    if (fault.count == 0 || !match(fault)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.count) --*fault.count;
    ++fault.hits;
    return fault;
  }
  return std::nullopt;
}

std::optional<Fault> FaultBook::Take(std::string_view project,
                                     std::string_view method,
                                     std::string_view route) {
  return TakeFirst([&](const Fault& fault) {
    return !StrikesConnections(fault.kind) &&
           (fault.project.empty() || fault.project == project) &&
           (fault.method.empty() || fault.method == method) &&
           RouteMatches(fault.route, route);
  });
}

std::optional<Fault> FaultBook::TakeForConnection() {
  return TakeFirst(
      [](const Fault& fault) { return StrikesConnections(fault.kind); });
}

Reply ApplyToReply(const Fault& fault, Reply reply, std::string_view wrapper) {
  switch (fault.kind) {
    case FaultKind::kStatus:
      reply = Envelope(fault);
      break;
    case FaultKind::kContent:
      reply = Content(fault, wrapper);
      break;
    case FaultKind::kRaw:
      reply = Text(fault.body, fault.content_type, 200);
      break;
    case FaultKind::kRedirect:
      reply = Reply::Empty(
          fault.status >= 300 && fault.status < 400 ? fault.status : 302);
      reply.headers.emplace_back("Location", fault.location);
      break;
    default:
      break;
  }
  if (fault.close) reply.headers.emplace_back("Connection", "close");
  return reply;
}

}  // namespace serverspace::sim
