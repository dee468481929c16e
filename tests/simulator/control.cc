#include "simulator/control.h"

#include <chrono>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/fault.h"
#include "simulator/fault_json.h"
#include "simulator/listener.h"
#include "simulator/patch.h"
#include "simulator/request_log.h"
#include "simulator/world.h"

namespace serverspace::sim {
namespace {

using nlohmann::json;

Reply Ok(const json& document = json::object()) {
  return Reply::Json(document.dump() + "\n");
}

Reply Refused(const std::string& reason) {
  return Reply::Json(json{{"error", reason}}.dump() + "\n", 400);
}

Reply Unknown(const std::string& what) {
  return Reply::Json(json{{"error", "no such " + what}}.dump() + "\n", 404);
}

json ToJson(const RequestLog::InFlight& in_flight) {
  return {{"now", in_flight.now}, {"max", in_flight.max}};
}

std::vector<std::string> Words(std::string_view pattern) {
  return ParseTarget(pattern).segments;
}

json StateCounts(const Project& project) {
  json counts = json::object();
  for (const auto& [id, server] : project.servers) {
    json& count = counts[server.state];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return counts;
}

}  // namespace

struct Control::Call {
  std::vector<std::string> ids;
  const json& body;
  const Target& target;

  bool Has(std::string_view query) const {
    for (const auto& [name, value] : target.query) {
      if (name == query) return true;
    }
    return false;
  }
};

struct Control::Row {
  const char* method;
  const char* pattern;
  Action action;
};

const Control::Row Control::kRows[] = {
    {"GET", "requests", &Control::GetRequests},
    {"DELETE", "requests", &Control::ClearRequests},
    {"GET", "faults", &Control::GetFaults},
    {"POST", "faults", &Control::PostFault},
    {"PUT", "faults", &Control::PutFaults},
    {"DELETE", "faults", &Control::DeleteFaults},
    {"DELETE", "faults/{id}", &Control::DeleteFault},
    {"GET", "state", &Control::GetState},
    {"GET", "ledger", &Control::GetLedger},
    {"PATCH", "projects/{name}", &Control::PatchProject},
    {"POST", "projects/{name}/topup", &Control::PostTopup},
    {"POST", "projects/{name}/servers", &Control::PostServers},
    {"PATCH", "projects/{name}/{collection}/{id}", &Control::PatchObject},
    {"DELETE", "projects/{name}/{collection}/{id}", &Control::DeleteObject},
    {"GET", "tasks", &Control::GetTasks},
    {"POST", "tasks", &Control::PostTask},
    {"POST", "tasks/fate", &Control::PostFate},
    {"PATCH", "tasks/{id}", &Control::PatchTask},
    {"DELETE", "tasks/{id}", &Control::DeleteTask},
    {"PATCH", "settings", &Control::PatchSettings},
    {"POST", "time", &Control::PostTime},
    {"POST", "connections/close-idle", &Control::CloseIdle},
};

Control::Control(World& world, SimClock& clock, FaultBook& faults,
                 RequestLog& log)
    : world_(world), clock_(clock), faults_(faults), log_(log) {}

Reply Control::Handle(const Request& request, const Target& target) {
  const json body =
      request.body.empty() ? json() : json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return Refused("the body is not JSON");
  const std::span<const std::string> segments =
      std::span(target.segments).subspan(1);
  for (const Row& row : kRows) {
    const std::vector<std::string> pattern = Words(row.pattern);
    if (request.method != row.method || pattern.size() != segments.size())
      continue;
    Call call{.ids = {}, .body = body, .target = target};
    bool matches = true;
    for (std::size_t i = 0; i < pattern.size() && matches; ++i) {
      if (pattern[i].starts_with('{')) {
        call.ids.push_back(segments[i]);
      } else {
        matches = pattern[i] == segments[i];
      }
    }
    if (!matches) continue;
    try {
      return (this->*row.action)(call);
    } catch (const json::exception&) {
      return Refused("a member is missing or of the wrong type");
    } catch (const std::invalid_argument& wrong) {
      return Refused(wrong.what());
    }
  }
  return Unknown("control");
}

std::uint64_t Control::AddFault(Fault fault) {
  if (fault.kind != FaultKind::kRefuse) return faults_.Add(std::move(fault));
  listener_->Refuse(fault.duration_ms ? std::optional(std::chrono::milliseconds(
                                            *fault.duration_ms))
                                      : std::nullopt);
  return 0;
}

void Control::ClearFaults() {
  faults_.Clear();
  listener_->Reopen();
  listener_->CloseHanging();
}

Reply Control::GetRequests(const Call& call) {
  json rows = json::array();
  for (const RequestLog::Row& row : log_.Rows()) {
    rows.push_back({{"project", row.project},
                    {"method", row.method},
                    {"route", row.route},
                    {"status", row.status},
                    {"count", row.count}});
  }
  json projects = json::object();
  for (const auto& [name, in_flight] : log_.by_project())
    projects[name] = ToJson(in_flight);
  const Listener::Counts connections = listener_->counts();
  json document = {{"requests", rows},
                   {"total", log_.Count({})},
                   {"in_flight", ToJson(log_.total())},
                   {"in_flight_by_project", projects},
                   {"redirect_target",
                    {{"requests", log_.redirect_requests()},
                     {"with_key", log_.redirect_requests_with_key()}}},
                   {"connections",
                    {{"accepted", connections.accepted},
                     {"handshakes", connections.handshakes},
                     {"open", connections.open}}}};
  if (call.Has("arrivals")) {
    json arrivals = json::array();
    for (const RequestLog::Arrival& arrival : log_.Arrivals()) {
      using Milliseconds = std::chrono::duration<double, std::milli>;
      arrivals.push_back(
          {{"project", arrival.project},
           {"method", arrival.method},
           {"route", arrival.route},
           {"at_ms", Milliseconds(arrival.time.time_since_epoch()).count()}});
    }
    document["arrivals"] = std::move(arrivals);
  }
  return Ok(document);
}

Reply Control::ClearRequests(const Call&) {
  log_.Clear();
  return Ok();
}

Reply Control::GetFaults(const Call&) {
  json list = json::array();
  for (const Fault& fault : faults_.List()) list.push_back(FaultToJson(fault));
  return Ok({{"faults", list}});
}

namespace {

/// A script that asks for a closed port could not ask for its opening, so there
/// the closing ends by itself.
Fault WithEnd(Fault fault) {
  constexpr int kRefuseMs = 5000;
  if (fault.kind == FaultKind::kRefuse && !fault.duration_ms)
    fault.duration_ms = kRefuseMs;
  return fault;
}

Fault MustParseFault(const json& document) {
  std::string reason;
  std::optional<Fault> fault = ParseFault(document, reason);
  if (!fault) throw std::invalid_argument(reason);
  return WithEnd(std::move(*fault));
}

}  // namespace

Reply Control::PostFault(const Call& call) {
  return Ok({{"id", AddFault(MustParseFault(call.body))}});
}

Reply Control::PutFaults(const Call& call) {
  std::vector<Fault> faults;
  if (call.body.is_array()) {
    for (const json& document : call.body)
      faults.push_back(MustParseFault(document));
  } else {
    faults.push_back(MustParseFault(call.body));
  }
  ClearFaults();
  json ids = json::array();
  for (Fault& fault : faults) ids.push_back(AddFault(std::move(fault)));
  return Ok({{"ids", ids}});
}

Reply Control::DeleteFaults(const Call&) {
  ClearFaults();
  return Ok();
}

Reply Control::DeleteFault(const Call& call) {
  for (const Fault& fault : faults_.List()) {
    if (std::to_string(fault.id) == call.ids[0] && faults_.Remove(fault.id))
      return Ok();
  }
  return Unknown("fault");
}

Reply Control::GetState(const Call&) {
  const auto lock = world_.Enter();
  json projects = json::array();
  for (const Project& project : world_.projects()) {
    projects.push_back({{"name", project.name},
                        {"id", project.id},
                        {"state", project.state},
                        {"currency", project.currency},
                        {"balance", project.balance.ToString()},
                        {"servers", project.servers.size()},
                        {"servers_by_state", StateCounts(project)}});
  }
  int running = 0;
  for (const auto& [id, task] : world_.tasks().tasks())
    running += task.completed ? 0 : 1;
  return Ok(
      {{"now", FormatTime(world_.now())},
       {"projects", projects},
       {"tasks",
        {{"known", world_.tasks().tasks().size()}, {"running", running}}}});
}

Reply Control::GetLedger(const Call&) {
  const auto lock = world_.Enter();
  json projects = json::array();
  for (Project& project : world_.projects()) {
    world_.Settle(project);
    projects.push_back({{"name", project.name},
                        {"currency", project.currency},
                        {"first_balance_micros", project.ledger.first.micros()},
                        {"topups_micros", project.ledger.topups.micros()},
                        {"charges_micros", project.ledger.charges.micros()},
                        {"balance_micros", project.balance.micros()}});
  }
  return Ok({{"projects", projects}});
}

Reply Control::PatchProject(const Call& call) {
  const auto lock = world_.Enter();
  Project* project = world_.FindByName(call.ids[0]);
  if (project == nullptr) return Unknown("project");
  world_.Settle(*project);
  PatchProjectFrom(world_, *project, call.body);
  return Ok();
}

Reply Control::PostTopup(const Call& call) {
  const auto lock = world_.Enter();
  Project* project = world_.FindByName(call.ids[0]);
  if (project == nullptr) return Unknown("project");
  world_.Settle(*project);
  const Money amount = MoneyFrom(call.body.at("amount"));
  world_.SetBalance(
      *project, Money::FromMicros(project->balance.micros() + amount.micros()));
  return Ok({{"balance", project->balance.ToString()}});
}

Reply Control::PostServers(const Call& call) {
  const auto lock = world_.Enter();
  Project* project = world_.FindByName(call.ids[0]);
  if (project == nullptr) return Unknown("project");
  world_.Settle(*project);
  json changes = call.body.is_null() ? json::object() : call.body;
  const int count = changes.value("count", 1);
  changes.erase("count");
  json ids = json::array();
  for (int i = 0; i < count; ++i) {
    Server& server = AddSeededServer(world_, *project);
    PatchServerFrom(server, changes);
    ids.push_back(server.id);
  }
  world_.Changed(*project);
  return Ok({{"ids", ids}});
}

Reply Control::PatchObject(const Call& call) {
  const auto lock = world_.Enter();
  Project* project = world_.FindByName(call.ids[0]);
  if (project == nullptr) return Unknown("project");
  world_.Settle(*project);
  if (!PatchObjectFrom(*project, call.ids[1], call.ids[2], call.body))
    return Unknown("object");
  world_.Changed(*project);
  return Ok();
}

Reply Control::DeleteObject(const Call& call) {
  const auto lock = world_.Enter();
  Project* project = world_.FindByName(call.ids[0]);
  if (project == nullptr) return Unknown("project");
  world_.Settle(*project);
  if (!sim::DeleteObject(*project, call.ids[1], call.ids[2]))
    return Unknown("object");
  world_.Changed(*project);
  return Ok();
}

Reply Control::GetTasks(const Call&) {
  const auto lock = world_.Enter();
  json tasks = json::array();
  for (const auto& [id, task] : world_.tasks().tasks()) {
    tasks.push_back({{"id", id},
                     {"type", task.type},
                     {"project", task.project->name},
                     {"state", task.State(world_.now())},
                     {"progress_percent", task.Progress(world_.now())}});
  }
  return Ok({{"tasks", tasks}});
}

namespace {

TaskOutcome OutcomeFrom(const json& value) {
  const std::string text = value.get<std::string>();
  if (text == "Completed") return TaskOutcome::kCompleted;
  if (text == "Failed") return TaskOutcome::kFailed;
  if (text == "Canceled") return TaskOutcome::kCanceled;
  throw std::invalid_argument("an outcome is Completed, Failed or Canceled");
}

TaskFamily FamilyFrom(const std::string& text) {
  if (text == "vstack") return TaskFamily::kVstack;
  if (text == "dns") return TaskFamily::kDns;
  if (text == "vmware") return TaskFamily::kVmware;
  if (text == "kubernetes") return TaskFamily::kKubernetes;
  throw std::invalid_argument("a family is vstack, dns, vmware or kubernetes");
}

}  // namespace

Reply Control::PostTask(const Call& call) {
  const auto lock = world_.Enter();
  const Project* project =
      world_.FindByName(call.body.at("project").get<std::string>());
  if (project == nullptr) return Unknown("project");
  TaskEngine::Plan plan;
  plan.type = call.body.value("type", std::string("CreateServer"));
  plan.family = FamilyFrom(call.body.value("family", std::string("vstack")));
  plan.location_id = "am2";
  plan.min_seconds = call.body.value("duration_seconds", 10.0);
  plan.max_seconds = plan.min_seconds;
  if (call.body.contains("outcome"))
    plan.outcome = OutcomeFrom(call.body["outcome"]);
  for (const json& resource : call.body.value("resources", json::array())) {
    plan.resources.emplace_back(resource.at("type").get<std::string>(),
                                resource.at("id").get<std::string>());
  }
  return Ok({{"task_id", world_.tasks().Start(*project, std::move(plan))}});
}

Reply Control::PatchTask(const Call& call) {
  const auto lock = world_.Enter();
  return world_.tasks().End(call.ids[0], OutcomeFrom(call.body.at("outcome")))
             ? Ok()
             : Unknown("running task");
}

Reply Control::DeleteTask(const Call& call) {
  const auto lock = world_.Enter();
  return world_.tasks().Forget(call.ids[0]) ? Ok() : Unknown("task");
}

Reply Control::PostFate(const Call& call) {
  const auto lock = world_.Enter();
  world_.tasks().SetFate(OutcomeFrom(call.body.at("outcome")),
                         call.body.value("type", std::string()),
                         call.body.value("count", 1));
  return Ok();
}

Reply Control::PatchSettings(const Call& call) {
  const auto lock = world_.Enter();
  for (const auto& [name, value] : call.body.items()) {
    if (name == "billing") {
      world_.SetBilling(value.get<bool>());
    } else if (name == "block_when_empty") {
      world_.SetBlockWhenEmpty(value.get<bool>());
    } else {
      throw std::invalid_argument("unknown setting `" + name + "`");
    }
  }
  return Ok();
}

Reply Control::PostTime(const Call& call) {
  if (call.body.contains("advance_seconds")) {
    clock_.Advance(FromSeconds(call.body["advance_seconds"].get<double>()));
  }
  if (call.body.contains("date_skew_seconds")) {
    clock_.set_date_skew(
        std::chrono::seconds(call.body["date_skew_seconds"].get<int>()));
  }
  const auto lock = world_.Enter();
  return Ok({{"now", FormatTime(world_.now())}});
}

Reply Control::CloseIdle(const Call&) {
  listener_->CloseIdle();
  return Ok();
}

}  // namespace serverspace::sim
