#include "simulator/router.h"

#include <charconv>

#include "simulator/routes.h"

namespace serverspace::sim {
namespace {

std::string Decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, value, 16).ptr == end) {
        out += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> PathSegments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string_view> segments = Split(path, '/');
  if (segments.back().empty()) segments.pop_back();
  return segments;
}

bool IsVariable(std::string_view segment) { return segment.starts_with('{'); }

bool Matches(std::span<const std::string_view> pattern,
             std::span<const std::string> segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!IsVariable(pattern[i]) && pattern[i] != segments[i]) return false;
  }
  return true;
}

}  // namespace

Target ParseTarget(std::string_view target) {
  Target parsed;
  const std::size_t mark = target.find('?');
  for (const std::string_view segment : PathSegments(target.substr(0, mark))) {
    parsed.segments.push_back(Decode(segment));
  }
  if (mark == std::string_view::npos) return parsed;
  for (const std::string_view pair : Split(target.substr(mark + 1), '&')) {
    const std::size_t equals = pair.find('=');
    parsed.query.emplace_back(Decode(pair.substr(0, equals)),
                              equals == std::string_view::npos
                                  ? ""
                                  : Decode(pair.substr(equals + 1)));
  }
  return parsed;
}

Router::Router() {
  for (const auto table :
       {ProjectRoutes(), ServerRoutes(), TaskRoutes(), ServerPartRoutes(),
        BackupRoutes(), NetworkRoutes(), GatewayRoutes(), DomainRoutes(),
        AccessRoutes(), KubernetesRoutes(), VmwareServerRoutes(),
        VmwareNetworkRoutes(), CatalogueRoutes(), TagRoutes()}) {
    for (const Route& route : table)
      entries_.push_back({&route, PathSegments(route.pattern)});
  }
}

Router::Match Router::Find(std::string_view method,
                           std::span<const std::string> segments) const {
  Match match;
  for (const Entry& entry : entries_) {
    if (!Matches(entry.segments, segments)) continue;
    if (entry.route->method != method) {
      match.method_differs = true;
      continue;
    }
    match.route = entry.route;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (IsVariable(entry.segments[i])) match.ids.push_back(segments[i]);
    }
    return match;
  }
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> routes;
  for (const Entry& entry : entries_) routes.push_back(entry.route);
  return routes;
}

}  // namespace serverspace::sim
