#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "simulator/render.h"
#include "simulator/routes.h"
#include "simulator/server_parts.h"

// Domains and their records (API reference 2.10). They have no state; their
// tasks are of another family.

namespace serverspace::sim {
namespace {

using nlohmann::json;

/// Names are stored lower case with a dot at the end; paths come with it and
/// without.
std::string Canonical(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (!name.ends_with('.')) name += '.';
  return name;
}

Domain* FindDomain(ApiCall& call) {
  const auto found = call.project.domains.find(Canonical(call.ids[0]));
  return found == call.project.domains.end() ? nullptr : &found->second;
}

void RenderRecord(JsonWriter& out, const DnsRecord& record) {
  out.BeginObject().Field("id", record.id).Raw(record.members).EndObject();
}

void RenderDomain(JsonWriter& out, const Domain& domain) {
  out.BeginObject()
      .Field("name", domain.name)
      .Field("is_delegated", domain.is_delegated);
  if (!domain.records.empty()) {
    out.Key("records").BeginArray();
    for (const DnsRecord& record : domain.records) RenderRecord(out, record);
    out.EndArray();
  }
  out.EndObject();
}

Reply ListDomains(ApiCall& call) {
  return Reply::Json(WrappedList("domains", call.project.domains,
                                 [](JsonWriter& out, const auto& entry) {
                                   RenderDomain(out, entry.second);
                                 }));
}

Reply GetDomain(ApiCall& call) {
  const Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  return Reply::Json(
      Wrapped("domain", [&](JsonWriter& out) { RenderDomain(out, *domain); }));
}

Reply ListRecords(ApiCall& call) {
  const Domain* domain = FindDomain(call);
  return domain == nullptr ? NotFound()
                           : Reply::Json(WrappedList("records", domain->records,
                                                     RenderRecord));
}

Reply GetRecord(ApiCall& call) {
  Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  const auto record = FindPart(domain->records, call.number(1));
  if (record == domain->records.end()) return NotFound();
  return Reply::Json(
      Wrapped("record", [&](JsonWriter& out) { RenderRecord(out, *record); }));
}

/// Starts a task that changes a domain when it completed.
template <typename Apply>
std::string StartDns(ApiCall& call, std::string type, const std::string& name,
                     std::optional<std::int64_t> record, Apply apply) {
  TaskEngine::Plan plan;
  plan.type = std::move(type);
  plan.family = TaskFamily::kDns;
  plan.resources = {{"domain", name}};
  if (record) plan.resources.emplace_back("record", std::to_string(*record));
  plan.at_end = [&project = call.project, name,
                 apply = std::move(apply)](Task& task) {
    const auto domain = project.domains.find(name);
    if (task.outcome == TaskOutcome::kCompleted &&
        domain != project.domains.end())
      apply(project, domain->second);
  };
  return call.world.tasks().Start(call.project, std::move(plan));
}

Reply CreateDomain(ApiCall& call) {
  const auto wish = Text(call.body, "name");
  if (!wish || wish->empty()) return BadBody();
  const std::string name = Canonical(*wish);
  if (call.project.domains.count(name) != 0)
    return Invalid("Domain already exists");
  call.project.domains.emplace(
      name, Domain{.name = name, .is_delegated = false, .records = {}});
  return TaskReply(StartDns(call, "CreateDomain", name, std::nullopt,
                            [](Project&, Domain&) {}));
}

Reply DeleteDomain(ApiCall& call) {
  const Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  return DeletionReply(
      call, StartDns(call, "DeleteDomain", domain->name, std::nullopt,
                     [name = domain->name](Project& project, Domain&) {
                       project.domains.erase(name);
                     }));
}

/// The members of a record as the API stores them; nothing if the body is none.
std::optional<std::string> RecordMembers(const json& body,
                                         const std::string& domain) {
  auto type = Text(body, "type");
  const auto name = Text(body, "name");
  if (!type || !name) return std::nullopt;
  std::transform(type->begin(), type->end(), type->begin(),
                 [](unsigned char c) { return std::toupper(c); });
  const bool service = *type == "SRV";
  JsonWriter out;
  out.BeginObject();
  std::string full = Canonical(*name);
  if (service && body.contains("service") && body.contains("protocol") &&
      !full.starts_with('_')) {
    std::string protocol = Text(body, "protocol").value_or("TCP");
    std::transform(protocol.begin(), protocol.end(), protocol.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    full = "_" + Text(body, "service").value_or("") + "._" + protocol + "." +
           domain;
  }
  out.Field("name", full)
      .Field("type", *type)
      .Field("ttl", Text(body, "ttl").value_or("1h"));
  for (const char* member :
       {"ip", "mail_host", "canonical_name", "name_server_host", "protocol",
        "service", "target"}) {
    if (const auto value = Text(body, member)) out.Field(member, *value);
  }
  for (const char* member : {"priority", "weight", "port"}) {
    if (const auto value = Integer(body, member)) out.Field(member, *value);
  }
  if (const auto text = Text(body, "text")) {
    out.Field("text", text->starts_with('"') ? *text : '"' + *text + '"');
  }
  const std::string object = std::move(out.EndObject()).Take();
  return object.substr(1, object.size() - 2);
}

Reply CreateRecord(ApiCall& call) {
  Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  const auto members = RecordMembers(call.body, domain->name);
  if (!members) return BadBody();
  const auto same = [&](const DnsRecord& record) {
    return record.members == *members;
  };
  if (std::any_of(domain->records.begin(), domain->records.end(), same)) {
    return Invalid("Record already exists", -5542);
  }
  const DnsRecord record{.id = call.world.NextNumber("record"),
                         .members = *members};
  return TaskReply(StartDns(call, "CreateRecord", domain->name, record.id,
                            [record](Project&, Domain& changed) {
                              changed.records.push_back(record);
                            }));
}

Reply UpdateRecord(ApiCall& call) {
  Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  if (FindPart(domain->records, id) == domain->records.end()) return NotFound();
  const auto members = RecordMembers(call.body, domain->name);
  if (!members) return BadBody();
  return TaskReply(StartDns(call, "UpdateRecord", domain->name, id,
                            [id, text = *members](Project&, Domain& changed) {
                              const auto record = FindPart(changed.records, id);
                              if (record != changed.records.end())
                                record->members = text;
                            }));
}

Reply DeleteRecord(ApiCall& call) {
  Domain* domain = FindDomain(call);
  if (domain == nullptr) return NotFound();
  const std::int64_t id = call.number(1);
  if (FindPart(domain->records, id) == domain->records.end()) return NotFound();
  return DeletionReply(call, StartDns(call, "DeleteRecord", domain->name, id,
                                      [id](Project&, Domain& changed) {
                                        std::erase_if(
                                            changed.records,
                                            [id](const DnsRecord& record) {
                                              return record.id == id;
                                            });
                                      }));
}

constexpr Route kRoutes[] = {
    {"GET", "/domains", ListDomains, "domains"},
    {"POST", "/domains", CreateDomain, "task_id"},
    {"GET", "/domains/{name}", GetDomain, "domain"},
    {"DELETE", "/domains/{name}", DeleteDomain, "task_id"},
    {"GET", "/domains/{name}/records", ListRecords, "records"},
    {"POST", "/domains/{name}/records", CreateRecord, "task_id"},
    {"GET", "/domains/{name}/records/{record_id}", GetRecord, "record"},
    {"PUT", "/domains/{name}/records/{record_id}", UpdateRecord, "task_id"},
    {"DELETE", "/domains/{name}/records/{record_id}", DeleteRecord, "task_id"},
};

}  // namespace

std::span<const Route> DomainRoutes() { return kRoutes; }

}  // namespace serverspace::sim
