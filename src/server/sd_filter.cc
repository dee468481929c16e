#include "server/sd_filter.h"

#include "base/number.h"
#include "server/http_query.h"

namespace serverspace::server {
namespace {

Error Refuse(std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message)};
}

Result<void> SetPort(std::string_view value, SdFilter& filter) {
  const auto port = ParseNumber<std::uint16_t>(value);
  if (!port || *port == 0)
    return Refuse("port must be a number from 1 to 65535");
  filter.port = *port;
  return {};
}

Result<void> SetNetwork(std::string_view value, SdFilter& filter) {
  if (value != "public" && value != "private")
    return Refuse("network must be public or private");
  filter.network = value == "public" ? SdFilter::Network::kPublic
                                     : SdFilter::Network::kPrivate;
  return {};
}

Result<void> SetPowered(std::string_view value, SdFilter& filter) {
  if (value != "on") return Refuse("powered must be on");
  filter.powered_on = true;
  return {};
}

Result<void> AddProject(std::string_view value, SdFilter& filter) {
  filter.projects.emplace(value);
  return {};
}

Result<void> AddTag(std::string_view value, SdFilter& filter) {
  if (value.empty()) return Refuse("tag must not be empty");
  filter.tags.emplace(value);
  return {};
}

struct Parameter {
  std::string_view name;
  Result<void> (*set)(std::string_view, SdFilter&);
  bool repeatable = false;
};

constexpr Parameter kParameters[] = {{"port", SetPort},
                                     {"network", SetNetwork},
                                     {"powered", SetPowered},
                                     {"project", AddProject, true},
                                     {"tag", AddTag, true}};

const Parameter* Find(std::string_view name) {
  for (const Parameter& parameter : kParameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

}  // namespace

Result<SdFilter> ParseSdFilter(std::string_view query) {
  const auto pairs = ParseQuery(query);
  if (!pairs.ok()) return pairs.error();
  SdFilter filter;
  std::set<std::string_view> given;
  for (const auto& [name, value] : pairs.value().pairs()) {
    const Parameter* parameter = Find(name);
    if (parameter == nullptr) {
      return Refuse(
          "the query may have port, network, project, tag and powered only");
    }
    if (!given.insert(parameter->name).second && !parameter->repeatable)
      return Refuse(std::string(parameter->name) + " may be given once only");
    auto set = parameter->set(value, filter);
    if (!set.ok()) return std::move(set).error();
  }
  return filter;
}

}  // namespace serverspace::server
