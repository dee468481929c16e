#include "server/http_router.h"

#include <algorithm>
#include <utility>

namespace serverspace::server {
namespace {

unsigned Bit(Method method) { return 1U << static_cast<unsigned>(method); }

}  // namespace

Methods::Methods(std::initializer_list<Method> methods) {
  for (const Method method : methods) bits_ |= Bit(method);
  if (Has(Method::kGet)) bits_ |= Bit(Method::kHead);
}

bool Methods::Has(Method method) const { return (bits_ & Bit(method)) != 0; }

std::string Methods::Allow() const {
  std::string allow;
  for (const auto& [method, name] :
       {std::pair(Method::kGet, "GET"), std::pair(Method::kHead, "HEAD"),
        std::pair(Method::kPost, "POST")}) {
    if (!Has(method)) continue;
    if (!allow.empty()) allow += ", ";
    allow += name;
  }
  return allow;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

// A path may have several rows, one for GET and one for POST with a body.
const Route* Router::Find(const Request& request, Response& refusal) const {
  std::string allow;
  for (const Route& route : routes_) {
    if (route.path != request.path) continue;
    if (route.methods.Has(request.method)) {
      if (!route.needs_authentication || request.authenticated) return &route;
      refusal = Response::Text(
          403,
          "this needs authentication: set basic_auth_users or client "
          "certificates in --web.config.file");
      return nullptr;
    }
    if (!allow.empty()) allow += ", ";
    allow += route.methods.Allow();
  }
  if (allow.empty()) {
    refusal = Response::Text(404, "not found");
  } else {
    refusal = Response::Text(405, "method not allowed");
    refusal.headers.emplace_back("Allow", std::move(allow));
  }
  return nullptr;
}

}  // namespace serverspace::server
