#include "simulator/fault_json.h"

#include <nlohmann/json.hpp>

namespace serverspace::sim {
namespace {

using nlohmann::json;

template <typename T>
void ReadInto(const json& value, T& target) {
  target = value.get<T>();
}
template <typename T>
void ReadInto(const json& value, std::optional<T>& target) {
  target = value.get<T>();
}

template <auto Member>
void Set(Fault& fault, const json& value) {
  ReadInto(value, fault.*Member);
}

struct Row {
  const char* name;
  void (*set)(Fault&, const json&);
};

constexpr Row kRows[] = {
    {"project", Set<&Fault::project>},
    {"method", Set<&Fault::method>},
    {"route", Set<&Fault::route>},
    {"count", Set<&Fault::count>},
    {"skip", Set<&Fault::skip>},
    {"latency_ms", Set<&Fault::latency_ms>},
    {"duration_ms", Set<&Fault::duration_ms>},
    {"status", Set<&Fault::status>},
    {"envelope", Set<&Fault::envelope>},
    {"code", Set<&Fault::code>},
    {"message", Set<&Fault::message>},
    {"retry_after_seconds", Set<&Fault::retry_after_seconds>},
    {"retry_after_as_date", Set<&Fault::retry_after_as_date>},
    {"content", Set<&Fault::content>},
    {"content_type", Set<&Fault::content_type>},
    {"body", Set<&Fault::body>},
    {"location", Set<&Fault::location>},
    {"bytes", Set<&Fault::bytes>},
    {"bytes_per_second", Set<&Fault::bytes_per_second>},
    {"close", Set<&Fault::close>},
};

const Row* FindRow(const std::string& name) {
  for (const Row& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

std::optional<Fault> ParseFault(const json& document, std::string& reason) {
  if (!document.is_object() || !document.contains("kind") ||
      !document["kind"].is_string()) {
    reason = "a fault is an object with a `kind`";
    return std::nullopt;
  }
  const auto kind = ParseFaultKind(document["kind"].get<std::string>());
  if (!kind) {
    reason = "unknown kind of fault";
    return std::nullopt;
  }
  Fault fault;
  fault.kind = *kind;
  for (const auto& [name, value] : document.items()) {
    if (name == "kind") continue;
    const Row* row = FindRow(name);
    if (row == nullptr) {
      reason = "unknown member `" + name + "`";
      return std::nullopt;
    }
    try {
      row->set(fault, value);
    } catch (const json::exception&) {
      reason = "wrong type of `" + name + "`";
      return std::nullopt;
    }
  }
  return fault;
}

json FaultToJson(const Fault& fault) {
  json document = {
      {"id", fault.id},           {"kind", FaultKindName(fault.kind)},
      {"project", fault.project}, {"method", fault.method},
      {"route", fault.route},     {"hits", fault.hits}};
  if (fault.count) document["count"] = *fault.count;
  return document;
}

}  // namespace serverspace::sim
